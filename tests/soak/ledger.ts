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
  id?: string;
  atMs: number;
}

/** Its process was ended by force at that time. */
export interface Killed {
  kind: 'killed';
  atMs: number;
}

export type Line = Connected | Stored | Handed | Killed;

/** What happened at each device, by its name. */
export type Ledgers = Map<string, Line[]>;

/** Written before it returns; of what was stored also to the disk. */
export function appendLine(path: string, line: Line): void {
  appendFileSync(path, `${JSON.stringify(line)}\n`, { flush: line.kind === 'stored' });
}

export function readLedger(path: string): Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Line);
}
