/** The year 9000: after every moment that matters, and before those for which ISO 8601 needs a fifth digit. */
const LATEST_MS = Date.UTC(9000, 0, 1);

/**
 * A time that another device has written. One whose clock is broken must not leave a later word no room: each word on an
 * order or a task is a millisecond later than the one before.
 */
export function foreignTime(time: unknown): string | undefined {
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  if (Number.isNaN(ms)) return undefined;
  return ms <= LATEST_MS ? (time as string) : new Date(LATEST_MS).toISOString();
}
