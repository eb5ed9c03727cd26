import type { CancelTimer, Clock } from '@innmesh/kit';
import { isBulk, MAX_SEALED_ENTRIES } from '@innmesh/protocol';
import type { Stream } from './replica.ts';
import type { SealRound } from './seals.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** An entry of this device's own that is not signed yet. */
export interface Unsealed {
  readonly seq: number;
  readonly bytes: Bytes;
  readonly expiresAtMs: number;
  /** The same for entries that the same devices may read, and that expire together. */
  readonly eyes: string;
}

export interface SealerDeps {
  clock: Clock;
  sign(stream: Stream, entries: readonly Unsealed[]): Promise<Bytes>;
  /** Rejects where it cannot be kept; then it is signed again, together with what has come meanwhile. */
  sealed(stream: Stream, round: SealRound, expiresAtMs: number): Promise<void>;
  log(text: string): void;
}

/** A signature waits this long for more to come, unless none was made for as long. */
const INTERVAL_MS = 20;
/** Where the key could not be used, or there was no room. */
const RETRY_MS = 1_000;
/** A round crosses in one frame, so that it holds up no order; what is longer by itself is a round of its own. */
const MAX_ROUND_BYTES = 12 * 1024;

/** Signs what this device writes, behind its being sent: several entries at once where there are several. */
export class Sealer {
  readonly #deps: SealerDeps;
  readonly #waiting = new Map<Stream, Unsealed[]>();
  #sealedAtMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: CancelTimer | null = null;
  #isSealing = false;
  #stopped = false;

  constructor(deps: SealerDeps) {
    this.#deps = deps;
  }

  add(stream: Stream, entry: Unsealed): void {
    const waiting = this.#waiting.get(stream);
    if (waiting) waiting.push(entry);
    else this.#waiting.set(stream, [entry]);
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #schedule(intervalMs = INTERVAL_MS): void {
    if (this.#cancelTimer || this.#isSealing || this.#stopped || this.#waiting.size === 0) return;
    const { clock } = this.#deps;
    const waitMs = Math.max(0, intervalMs - (clock.monotonicMs() - this.#sealedAtMs));
    this.#cancelTimer = clock.setTimer(() => this.#sealAll(), waitMs);
  }

  async #sealAll(): Promise<void> {
    this.#cancelTimer = null;
    this.#isSealing = true;
    this.#sealedAtMs = this.#deps.clock.monotonicMs();
    let intervalMs = INTERVAL_MS;
    try {
      for (const stream of [...this.#waiting.keys()]) await this.#seal(stream);
    } catch (error) {
      this.#deps.log(`entries could not be signed, and are tried again: ${error}`);
      intervalMs = RETRY_MS;
    }
    this.#isSealing = false;
    this.#schedule(intervalMs);
  }

  async #seal(stream: Stream): Promise<void> {
    const waiting = this.#waiting.get(stream) ?? [];
    while (waiting.length > 0 && !this.#stopped) {
      const entries = waiting.slice(0, roundLength(stream, waiting));
      const groups = [...Map.groupBy(entries, ({ eyes }) => eyes).values()];
      const signed = groups.map(async (group) => {
        return { seqs: group.map(({ seq }) => seq), signature: await this.#deps.sign(stream, group) };
      });
      const round = { after: stream.sealed, upTo: entries.at(-1)?.seq ?? 0, groups: await Promise.all(signed) };
      if (this.#stopped) return;
      await this.#deps.sealed(stream, round, Math.max(...entries.map(({ expiresAtMs }) => expiresAtMs)));
      waiting.splice(0, entries.length);
    }
    this.#waiting.delete(stream);
  }
}

function roundLength({ series }: Stream, waiting: readonly Unsealed[]): number {
  if (isBulk(series)) return 1;
  let bytes = 0;
  const first = waiting.findIndex((entry) => {
    bytes += entry.bytes.length + 80;
    return bytes > MAX_ROUND_BYTES;
  });
  return Math.min(first < 0 ? waiting.length : Math.max(1, first), MAX_SEALED_ENTRIES);
}
