/**
 * A journal's series. Each has numbers of its own, and order holds within one: what is long must not hold up what is short,
 * and what is for some eyes only must not leave holes in what everyone hands on.
 */
export const series = {
  /** Short; handed on by every full replica. */
  shared: 0,
  sharedBulk: 1,
  /** From the writer to its reader alone: long messages to one device, and types that not all of the house may read. */
  direct: 2,
  directBulk: 3,
  /** As direct, and kept by nobody over a restart: what is asked now and of no use later. */
  passing: 4,
  passingBulk: 5,
} as const;

export type Series = (typeof series)[keyof typeof series];
export const allSeries: readonly Series[] = Object.values(series);

export const isBulk = (one: Series): boolean => one % 2 === 1;
export const isShared = (one: Series): boolean => one < series.direct;
export const isKept = (one: Series): boolean => one < series.passing;
