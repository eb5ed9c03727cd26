import { eventually } from '../eventually.ts';
import type { Station } from '../stations/station.ts';

/** How far messages of each station have come at each other one. */
export class Progress {
  readonly #stations: readonly Station[];
  readonly #looked = new Map<Station, number>();
  /** The last number that each has sent, and that each was handed of each. */
  readonly #sent = new Map<string, number>();
  readonly #handed = new Map<string, number>();

  constructor(stations: readonly Station[]) {
    this.#stations = stations;
  }

  /** Resolves when all is handed over that was sent before: `false` where patience was at an end. */
  async caughtUp(patienceMs?: number): Promise<boolean> {
    await this.#look();
    const sent = [...this.#sent];
    const isThere = (reader: string) =>
      sent.every(([writer, number]) => writer === reader || (this.#handed.get(`${writer} ${reader}`) ?? 0) >= number);
    return eventually(async () => {
      await this.#look();
      return this.#stations.every(({ name }) => isThere(name));
    }, patienceMs);
  }

  async #look(): Promise<void> {
    await Promise.all(this.#stations.map((station) => this.#lookAt(station)));
  }

  async #lookAt(station: Station): Promise<void> {
    const lines = await station.lines();
    for (const line of lines.slice(this.#looked.get(station) ?? 0)) {
      if (line.kind === 'stored') this.#sent.set(station.name, line.number);
      if (line.kind === 'handed') this.#handed.set(`${line.from} ${station.name}`, line.number);
    }
    this.#looked.set(station, lines.length);
  }
}
