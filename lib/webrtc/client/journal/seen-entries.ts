import { dropOldest } from '@innmesh/kit';

/** Journals that were not heard of for the longest are forgotten beyond this many. */
const MAX_STREAMS = 4_000;

/** What an application was handed in this page, by whichever tab of its device led: by stream and type, the last one. */
export class SeenEntries {
  readonly #last = new Map<string, number>();

  has(id: string, type: string): boolean {
    const { key, seq } = placeOf(id, type);
    return seq <= (this.#last.get(key) ?? 0);
  }

  note(id: string, type: string): void {
    const { key, seq } = placeOf(id, type);
    this.#last.delete(key);
    this.#last.set(key, seq);
    dropOldest(this.#last, MAX_STREAMS);
  }
}

/** An entry's id ends with its number. */
function placeOf(id: string, type: string): { key: string; seq: number } {
  const at = id.lastIndexOf('-');
  return { key: `${id.slice(0, at)} ${type}`, seq: Number(id.slice(at + 1)) };
}
