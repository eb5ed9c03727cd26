import type { StationLine } from './program.ts';

/** What a program has recorded, of which only what is new is asked for. */
export class FetchedLines {
  readonly #fetch: (index: number) => Promise<StationLine[]>;
  readonly #lines: StationLine[] = [];
  #fetched: Promise<readonly StationLine[]> = Promise.resolve([]);

  /** `fetch`: those from that number on. */
  constructor(fetch: (index: number) => Promise<StationLine[]>) {
    this.#fetch = fetch;
  }

  /** One after the other, as each begins where the one before ended. */
  all(): Promise<readonly StationLine[]> {
    this.#fetched = this.#fetched.then(async () => {
      this.#lines.push(...(await this.#fetch(this.#lines.length)));
      return this.#lines;
    });
    return this.#fetched;
  }
}
