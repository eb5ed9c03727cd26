import type { Host } from '../network/host.ts';
import type { StationLine } from './program.ts';

/** A program on a host, as scenarios see it. */
export interface Station {
  readonly name: string;
  readonly host: Host;
  write(everyMs: number): Promise<void>;
  stopWriting(): Promise<void>;
  /** All that it has recorded so far. */
  lines(): Promise<readonly StationLine[]>;
  /** What explains the lines, for people: connections and what the program printed. */
  trace(): Promise<readonly TraceLine[]>;
}

export interface TraceLine {
  atMs: number;
  what: string;
}

/** Whether it has noted something by now. */
export async function hasNoted(station: Station, what: string): Promise<boolean> {
  return (await station.lines()).some((line) => line.kind === 'noted' && line.what === what);
}
