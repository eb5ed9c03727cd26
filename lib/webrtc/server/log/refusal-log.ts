import type { CancelTimer, Clock } from '@innmesh/kit';
import type { RefusalKind } from '../refusals.ts';
import type { LogEntry } from './log-entry.ts';
import { redact } from './redact.ts';

export interface RefusalLogDeps {
  clock: Clock;
  write(entry: LogEntry): void;
}

/** What was turned away, and why; not redacted yet. */
export interface RefusalNote extends Omit<LogEntry, 'event' | 'repeated' | 'kind'> {
  kind: RefusalKind;
}

/** How long repetitions are counted before they are told. */
const SUMMARY_INTERVAL_MS = 10_000;
/** Kinds and addresses told apart at once; more than ten lines a second help nobody and fill a disk. */
const MAX_APART = 100;

interface Told {
  entry: LogEntry;
  repeated: number;
}

/**
 * The first refusal of a kind from an address is a line at once; more of the same are counted and told every ten
 * seconds, so that an attacker cannot fill the disk.
 */
export class RefusalLog {
  readonly #deps: RefusalLogDeps;
  readonly #told = new Map<string, Told>();
  #others = 0;
  #cancelSummary: CancelTimer | null = null;

  constructor(deps: RefusalLogDeps) {
    this.#deps = deps;
  }

  note(refusal: RefusalNote): void {
    const key = `${refusal.kind} ${refusal.address}`;
    const told = this.#told.get(key);
    if (told) told.repeated += 1;
    else if (this.#told.size < MAX_APART) this.#tell(key, refusal);
    else this.#others += 1;
    this.#cancelSummary ??= this.#deps.clock.setTimer(() => this.#summarize(), SUMMARY_INTERVAL_MS);
  }

  /** Tells what was counted and stops. */
  close(): void {
    this.#cancelSummary?.();
    this.#summarize();
    this.#cancelSummary?.();
  }

  #tell(key: string, { kind, code, address, reason }: RefusalNote): void {
    const entry: LogEntry = { event: 'refused', kind, code, address, reason: redact(reason) };
    this.#told.set(key, { entry, repeated: 0 });
    this.#deps.write(entry);
  }

  #summarize(): void {
    this.#cancelSummary = null;
    for (const [key, told] of this.#told) this.#summarizeOne(key, told);
    const repeated = this.#others;
    this.#others = 0;
    const reason = 'From more addresses than are told apart.';
    if (repeated) this.#deps.write({ event: 'refused', kind: 'others', code: 0, address: 'various', reason, repeated });
    if (this.#told.size === 0) return;
    this.#cancelSummary = this.#deps.clock.setTimer(() => this.#summarize(), SUMMARY_INTERVAL_MS);
  }

  #summarizeOne(key: string, told: Told): void {
    if (told.repeated === 0) this.#told.delete(key);
    else this.#deps.write({ ...told.entry, repeated: told.repeated });
    told.repeated = 0;
  }
}
