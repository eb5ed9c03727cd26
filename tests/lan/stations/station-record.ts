import { nowMs, type StationLine } from './program.ts';

/** What happened at a station. No scenario ends one, so its memory is a safe place. */
export class StationRecord {
  readonly #readers: readonly string[];
  readonly #lines: StationLine[] = [];
  /** Lines before these, which were fetched. */
  #forgotten = 0;

  constructor(readers: readonly string[]) {
    this.#readers = readers;
  }

  /** Those before it are with whoever asks, and not kept any more. */
  from(index: number): StationLine[] {
    this.#lines.splice(0, index - this.#forgotten);
    this.#forgotten = index;
    return this.#lines;
  }

  /** It was given to `send()`, whatever came of that. */
  sent(number: number, id: string): void {
    this.#lines.push({ kind: 'stored', number, id, to: [...this.#readers], isForOne: false, atMs: nowMs() });
  }

  handed(from: string, number: number, id: string): void {
    this.#lines.push({ kind: 'handed', from, number, id, start: 1, atMs: nowMs() });
  }

  note(what: string): void {
    this.#lines.push({ kind: 'noted', atMs: nowMs(), what });
  }
}
