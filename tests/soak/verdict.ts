import type { Handed, Ledgers, Line, Stored } from './ledger.ts';

export const faults = ['lost', 'repeated', 'out of order', 'strayed', 'wrong id', 'other peer id'] as const;
export type Fault = (typeof faults)[number];

export interface Violation {
  fault: Fault;
  /** The name of the device at which it shows. */
  device: string;
  /** The message, or what it is about otherwise. */
  about: string;
}

export interface Verdict {
  violations: Violation[];
  /** By reader: hand-overs that came again because it was ended before it could keep that they had been. */
  repeatsAfterEnd: Map<string, number>;
}

/**
 * A reader that is killed or reloaded may be handed again what it was handed in the last moment before: the handler has
 * run, and that it has is not on the disk yet. What was handed over longer than this before may not come again.
 */
export const REPEAT_WINDOW_MS = 1_000;

type Written = Map<string, Stored & { from: string }>;

/** All that was stored has to reach whom it is for, once, under its own id, in the order of its writer. */
export function judge(ledgers: Ledgers): Verdict {
  const written = writtenIn(ledgers);
  const names = namesIn(ledgers);
  const violations = [...findLost(ledgers, written, names), ...findOtherPeerIds(names)];
  const repeatsAfterEnd = new Map<string, number>();
  for (const [reader, lines] of ledgers) {
    const hearing = new Hearing(reader, written, names);
    for (const line of lines) hearing.take(line);
    violations.push(...hearing.violations);
    repeatsAfterEnd.set(reader, hearing.repeatsAfterEnd);
  }
  return { violations, repeatsAfterEnd };
}

const nameOf = ({ from, number }: { from: string; number: number }) => `number ${number} of ${from}`;
const keyOf = (from: string, number: number) => `${from} ${number}`;

function writtenIn(ledgers: Ledgers): Written {
  const written: Written = new Map();
  for (const [from, lines] of ledgers) {
    for (const line of lines) if (line.kind === 'stored') written.set(keyOf(from, line.number), { ...line, from });
  }
  return written;
}

/** The devices' names by their peer ids. */
function namesIn(ledgers: Ledgers): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, lines] of ledgers) {
    for (const line of lines) if (line.kind === 'connected') names.set(line.peerId, name);
  }
  return names;
}

function findLost(ledgers: Ledgers, written: Written, names: Map<string, string>): Violation[] {
  const readersOf = handedIn(ledgers);
  return [...written].flatMap(([key, { from, number, to }]) => {
    const readers = readersOf.get(key) ?? new Set();
    const lostAt = (device: string) => ({ fault: 'lost' as const, device, about: nameOf({ from, number }) });
    if (to.length === 0) return readers.size > 0 ? [] : [lostAt('anybody')];
    const missing = to.map((peerId) => names.get(peerId) ?? peerId).filter((name) => !readers.has(name));
    return missing.map(lostAt);
  });
}

/** A device is the same one whenever it comes back. */
function findOtherPeerIds(names: Map<string, string>): Violation[] {
  const known = new Set<string>();
  return [...names].flatMap(([peerId, device]) => {
    if (known.has(device)) return [{ fault: 'other peer id' as const, device, about: peerId }];
    known.add(device);
    return [];
  });
}

/** Who was handed each message. */
function handedIn(ledgers: Ledgers): Map<string, Set<string>> {
  const readersOf = new Map<string, Set<string>>();
  for (const [reader, lines] of ledgers) {
    for (const line of lines) {
      if (line.kind !== 'handed') continue;
      const key = keyOf(line.from, line.number);
      readersOf.set(key, (readersOf.get(key) ?? new Set()).add(reader));
    }
  }
  return readersOf;
}

/** What one reader was handed, line by line. */
class Hearing {
  readonly violations: Violation[] = [];
  repeatsAfterEnd = 0;
  readonly #reader: string;
  readonly #written: Written;
  readonly #names: Map<string, string>;
  /** The last hand-over of each message. */
  readonly #latest = new Map<string, Handed>();
  readonly #highest = new Map<string, number>();
  /** When each of its starts but the last came to its end. */
  readonly #endedAtMs = new Map<number, number>();

  constructor(reader: string, written: Written, names: Map<string, string>) {
    this.#reader = reader;
    this.#written = written;
    this.#names = names;
  }

  take(line: Line): void {
    if (line.kind === 'ended') this.#endedAtMs.set(line.start, line.atMs);
    if (line.kind === 'handed') this.#handed(line);
  }

  #handed(handed: Handed): void {
    const key = keyOf(handed.from, handed.number);
    const before = this.#latest.get(key);
    this.#latest.set(key, handed);
    if (before) this.#repeated(handed, before);
    else this.#inOrder(handed);
    this.#compare(handed, this.#written.get(key));
  }

  #repeated(handed: Handed, before: Handed): void {
    const endedAtMs = this.#endedAtMs.get(before.start) ?? Number.POSITIVE_INFINITY;
    const isExcused = before.start < handed.start && endedAtMs - before.atMs <= REPEAT_WINDOW_MS;
    if (isExcused) this.repeatsAfterEnd += 1;
    else this.#found('repeated', handed);
  }

  #inOrder(handed: Handed): void {
    const { from, number } = handed;
    const highest = this.#highest.get(from) ?? 0;
    if (number < highest) this.#found('out of order', handed);
    this.#highest.set(from, Math.max(highest, number));
  }

  /** Its writer may have been killed before it was told that the message is stored. */
  #compare(handed: Handed, stored: Stored | undefined): void {
    if (!stored) return;
    const isForReader = !stored.isForOne || stored.to.some((peerId) => this.#names.get(peerId) === this.#reader);
    if (!isForReader) this.#found('strayed', handed);
    if (handed.id !== stored.id) this.#found('wrong id', handed);
  }

  #found(fault: Fault, handed: Handed): void {
    this.violations.push({ fault, device: this.#reader, about: nameOf(handed) });
  }
}
