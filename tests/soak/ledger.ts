import { appendFileSync, existsSync, readFileSync } from 'node:fs';

/** A device is in the room. */
export interface Connected {
  kind: 'connected';
  peerId: string;
}

/** A writer was told that its message is stored. */
export interface Stored {
  kind: 'stored';
  number: number;
  id: string;
  /** The peers it is for. None: nobody was there, and it is for whoever comes first. */
  to: string[];
  isForOne: boolean;
}

/** A handler was called with a message. */
export interface Handed {
  kind: 'handed';
  /** The name of the device that wrote it. */
  from: string;
  number: number;
  /** What the handler was told is the entry's id. */
  id: string;
  /** Of the reader. */
  start: number;
  atMs: number;
}

/** Its process or its page was ended at that time, without being asked. */
export interface Ended {
  kind: 'ended';
  start: number;
  atMs: number;
}

export type Line = Connected | Stored | Handed | Ended;

/** What happened at each device, by its name. */
export type Ledgers = Map<string, Line[]>;

/** With the system before it returns, which outlives any process; with `flush` on the disk. */
export function appendLine(path: string, line: Line, flush = false): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`, { flush });
}

export function readLedger(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line);
}
