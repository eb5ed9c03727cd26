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

/** One that can tell of its link. */
export interface LinkedStation extends Station {
  /** Of the connection that stands: the kinds of the two candidates, as in `relay to host`; nothing where it is not known. */
  path(): Promise<string | undefined>;
}

export interface TraceLine {
  atMs: number;
  what: string;
}

/** Whether it has noted something by now. */
export async function hasNoted(station: Station, what: string): Promise<boolean> {
  return (await station.lines()).some((line) => line.kind === 'noted' && line.what === what);
}
