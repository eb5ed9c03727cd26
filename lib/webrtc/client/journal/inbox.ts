import { LANE_COUNT, type Lane } from '../link/transport.ts';

/** Devices come and go; the cursors of those that were not heard of for the longest are forgotten beyond this many. */
const MAX_PEERS = 2_000;

/** How far this device has each peer's entries. What it has once, it never takes again. */
export class Inbox {
  readonly #cursors = new Map<string, number[]>();

  /** Per lane, for the hello. */
  cursorsFor(peerId: string): number[] {
    return this.#cursors.get(peerId) ?? Array.from({ length: LANE_COUNT }, () => 0);
  }

  /** Moves the cursor; `false` for an entry that has been taken before. */
  take(peerId: string, lane: Lane, seq: number): boolean {
    const cursors = this.cursorsFor(peerId);
    if (seq <= (cursors[lane] ?? 0)) return false;
    cursors[lane] = seq;
    this.#cursors.delete(peerId);
    this.#cursors.set(peerId, cursors);
    if (this.#cursors.size > MAX_PEERS) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    for (const peerId of this.#cursors.keys()) {
      this.#cursors.delete(peerId);
      return;
    }
  }
}
