/** Keeps a map at `max` entries, one addition after the other: the one that was set first goes. */
export function dropOldest(map: Map<unknown, unknown>, max: number): void {
  if (map.size <= max) return;
  const { value } = map.keys().next();
  map.delete(value);
}
