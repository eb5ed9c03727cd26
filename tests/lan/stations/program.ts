import type { Line } from '../../soak/ledger.ts';

/** What a station needs to know, as JSON. */
export interface StationSettings {
  name: string;
  signalingUrl: string;
  room: string;
  /** Those that what it writes is for. */
  readers: readonly string[];
  /** Of two, one waits and the other joins; where it makes a difference. */
  role: 'waits' | 'joins';
  iceServers: RTCIceServer[];
}

/** Something happened that explains what one sees. */
export interface Noted {
  kind: 'noted';
  atMs: number;
  what: string;
}

/** As in the soak's ledger, with times. */
export type StationLine = (Line & { atMs?: number }) | Noted;

/** What runs on a host: it is there, writes, and records. The same in a page and in Node. */
export interface Program {
  /** Resolves when it is there, linked or not. */
  start(): Promise<void>;
  /** A message to all of its readers at each interval. */
  write(everyMs: number): void;
  stopWriting(): void;
  /** What was recorded from the line of that number on. */
  linesFrom(index: number): StationLine[];
}

export const MESSAGE_BYTES = 300;

/** A wall clock of more than milliseconds, which all hosts share. */
export const nowMs = (): number => performance.timeOrigin + performance.now();
