import type { Station } from '../stations/station.ts';

/** A line of the table; columns by their titles. */
export type Row = Record<string, string>;

/** Keeps all that these stations recorded, for whoever asks why. */
export type Keep = (name: string, stations: readonly Station[]) => Promise<void>;

export interface Scenario {
  name: string;
  /** What happens, for people. */
  title: string;
  /** It takes more than a pair can do: Innmesh alone. */
  isForInnmesh?: boolean;
  run(contestants: string[], keep: Keep): Promise<Row[]>;
}
