import type { Program, StationLine } from './program.ts';
import { StationRecord } from './station-record.ts';
import { Writing } from './writing.ts';

/** Writes and records, by whichever library. */
export abstract class RecordingProgram implements Program {
  protected readonly record: StationRecord;
  readonly #writing = new Writing((number) => this.send(number));

  constructor(readers: readonly string[]) {
    this.record = new StationRecord(readers);
  }

  abstract start(): Promise<void>;

  write(everyMs: number): void {
    this.#writing.start(everyMs);
  }

  stopWriting(): void {
    this.#writing.stop();
  }

  linesFrom(index: number): StationLine[] {
    return this.record.from(index);
  }

  /** The next message, and notes that it was sent. */
  protected abstract send(number: number): void;
}
