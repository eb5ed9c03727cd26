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
  /** Resolves when it is kept. */
  keep(stream: Stream, round: SealRound, expiresAtMs: number): Promise<void>;
  log(text: string): void;
}

/** Entries are signed when none has come for so long, or after so long at the latest: nobody waits for it but relays. */
const QUIET_MS = 10;
const MAX_WAIT_MS = 200;
/** Where a signature could not be made or kept. */
const RETRY_MS = 1_000;
/** A round crosses in few frames, and has another stream's order between them; what is longer is a round of its own. */
const MAX_ROUND_BYTES = 48 * 1024;
/** Of so many at a time, one commit is waited for. */
const MAX_ROUNDS = 64;

/** Signs what this device writes, behind its being sent: several entries at once where there are several. */
export class Sealer {
  readonly #deps: SealerDeps;
  readonly #waiting = new Map<Stream, Unsealed[]>();
  #hasGrown = false;
  /** When the oldest entry that waits came. */
  #sinceMs: number | null = null;
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
    this.#hasGrown = true;
    this.#schedule(QUIET_MS);
  }

  /** It could not be kept: a round with it could not be handed on. */
  drop(stream: Stream, seq: number): void {
    const waiting = this.#waiting.get(stream) ?? [];
    const at = waiting.findIndex((entry) => entry.seq === seq);
    if (at === 0) waiting.shift();
    else if (at > 0) waiting.splice(at, 1);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTimer?.();
  }

  #schedule(waitMs: number): void {
    if (this.#cancelTimer || this.#isSealing || this.#stopped || this.#waiting.size === 0) return;
    const { clock } = this.#deps;
    this.#sinceMs ??= clock.monotonicMs();
    this.#hasGrown = false;
    this.#cancelTimer = clock.setTimer(() => this.#sealIfQuiet(), waitMs);
  }

  #sealIfQuiet(): void {
    this.#cancelTimer = null;
    const waitedMs = this.#deps.clock.monotonicMs() - (this.#sinceMs ?? 0);
    if (this.#hasGrown && waitedMs < MAX_WAIT_MS) this.#schedule(QUIET_MS);
    else this.#sealAll();
  }

  async #sealAll(): Promise<void> {
    this.#isSealing = true;
    this.#sinceMs = null;
    let waitMs = QUIET_MS;
    try {
      for (const stream of [...this.#waiting.keys()]) await this.#seal(stream);
    } catch (error) {
      this.#deps.log(`entries could not be signed, and are tried again: ${error}`);
      waitMs = RETRY_MS;
    }
    this.#isSealing = false;
    this.#schedule(waitMs);
  }

  async #seal(stream: Stream): Promise<void> {
    for (;;) {
      const parts = roundsOf(stream, this.#waiting.get(stream) ?? []);
      if (parts.length === 0 || this.#stopped) break;
      const rounds = await Promise.all(parts.map((entries) => this.#sign(stream, entries)));
      if (this.#stopped) return;
      await Promise.all(rounds.map((round) => this.#keep(stream, round)));
      for (const { seq } of parts.flat()) this.drop(stream, seq);
    }
    if (this.#waiting.get(stream)?.length === 0) this.#waiting.delete(stream);
  }

  async #sign(stream: Stream, entries: readonly Unsealed[]): Promise<Signed> {
    const groups = [...Map.groupBy(entries, ({ eyes }) => eyes).values()];
    const signed = groups.map(async (group) => {
      return { seqs: group.map(({ seq }) => seq), signature: await this.#deps.sign(stream, group) };
    });
    const expiresAtMs = Math.max(...entries.map((entry) => entry.expiresAtMs));
    return { upTo: entries.at(-1)?.seq ?? 0, groups: await Promise.all(signed), expiresAtMs };
  }

  /** Behind the one that was kept before. */
  #keep(stream: Stream, { expiresAtMs, ...round }: Signed): Promise<void> {
    return this.#deps.keep(stream, { after: stream.sealed, ...round }, expiresAtMs);
  }
}

type Signed = Omit<SealRound, 'after'> & { expiresAtMs: number };

/** What is signed at once: some rounds, in order. */
function roundsOf(stream: Stream, waiting: readonly Unsealed[]): Unsealed[][] {
  const rounds: Unsealed[][] = [];
  for (let at = 0; at < waiting.length && rounds.length < MAX_ROUNDS; ) {
    const round = waiting.slice(at, at + roundLength(stream, waiting.slice(at, at + MAX_SEALED_ENTRIES)));
    rounds.push(round);
    at += round.length;
  }
  return rounds;
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
