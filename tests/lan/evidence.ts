import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StationLine } from './stations/program.ts';
import type { Station, TraceLine } from './stations/station.ts';

interface StationRecord {
  name: string;
  lines: readonly StationLine[];
  trace: readonly TraceLine[];
}

/** What stations recorded, as files for whoever asks why. */
export class Evidence {
  /** Pages that stood still: put to sleep, or on a machine that was busy with something else. */
  readonly stalls: string[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** As `NAME.txt`, a story of what was noted, and as `NAME.json`, all of it. */
  async keep(name: string, stations: readonly Station[]): Promise<void> {
    const parts = stations.map(async (station) => {
      return { name: station.name, lines: await station.lines(), trace: await station.trace() };
    });
    const records = await Promise.all(parts);
    const story = records.flatMap(notesOf).sort((a, b) => a.atMs - b.atMs);
    this.stalls.push(...story.filter(isStall).map(({ station, what }) => `${name}: ${station} ${what}`));
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, `${name}.txt`), `${story.map(tell).join('\n')}\n`);
    writeFileSync(join(this.#folder, `${name}.json`), JSON.stringify(records));
  }
}

type Note = TraceLine & { station: string };

function notesOf({ name, lines, trace }: StationRecord): Note[] {
  const noted = lines.flatMap((line) => (line.kind === 'noted' ? [line] : []));
  return [...trace, ...noted].map(({ atMs, what }) => ({ atMs, what, station: name }));
}

const isStall = ({ what }: Note) => what.startsWith('stood still');

function tell({ atMs, station, what }: Note): string {
  return `${new Date(atMs).toISOString().slice(11, 23)}  ${station.padEnd(10)}  ${what}`;
}
