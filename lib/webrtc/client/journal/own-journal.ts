import type { JournalLog } from './journal-log.ts';

/** What is written of a device's own, and sent to others while it is being kept. */
export interface WrittenEntry {
  readonly seq: number;
  /** Rejects as the store's `commit()` does. */
  readonly stored: Promise<void>;
}

/** Renewed when half of them are used: more than a device writes while one commit runs. */
const RESERVED_NUMBERS = 2 ** 20;

/**
 * The journal that this device writes. A number is given at once and an entry is sent before it is kept; if the device
 * crashes in between, others have an entry that it does not know of. Were its number given again, they would take the
 * next entry for one that they have. So numbers are reserved in the store beforehand, and those that were reserved are not
 * given after a restart.
 */
export class OwnJournal {
  readonly name: string;
  readonly #log: JournalLog;
  readonly #mark: string;
  readonly #numbers: number;
  #lastSeq: number;

  private constructor(log: JournalLog, name: string, lastSeq: number, numbers: number) {
    this.name = name;
    this.#log = log;
    this.#mark = markOf(name);
    this.#numbers = numbers;
    this.#lastSeq = lastSeq;
  }

  /** Resolves when so many numbers are reserved. Rejects as the store's `commit()` does. */
  static async open(log: JournalLog, name: string, numbers = RESERVED_NUMBERS): Promise<OwnJournal> {
    const reserved = Number(log.mark(markOf(name)) ?? 0);
    const journal = new OwnJournal(log, name, Math.max(reserved, log.lastSeq(name)), numbers);
    await log.setMarks([journal.#reservation]);
    return journal;
  }

  append(bytes: Uint8Array<ArrayBuffer>, expiresAtMs: number): WrittenEntry {
    this.#lastSeq += 1;
    const seq = this.#lastSeq;
    const marks = this.#reserveMore();
    // Whoever does not ask is not told by way of an unhandled rejection either: the log sees to it.
    return { seq, stored: this.#log.append(this.name, [{ seq, expiresAtMs, bytes }], marks) };
  }

  get #reservation(): readonly [string, string] {
    return [this.#mark, String(this.#lastSeq + this.#numbers)];
  }

  /** By what is kept: a reservation that found no room is asked for again. */
  #reserveMore(): (readonly [string, string])[] {
    const reserved = Number(this.#log.mark(this.#mark) ?? 0);
    return reserved - this.#lastSeq > this.#numbers / 2 ? [] : [this.#reservation];
  }
}

const markOf = (name: string) => `reserved ${name}`;
