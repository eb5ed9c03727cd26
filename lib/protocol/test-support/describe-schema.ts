/*
 * What the version guard hashes: a schema as plain values that are the same on every run. Functions are left out: what
 * they go by is in the `parts` beside them.
 */

export function describeSchema(part: unknown): unknown {
  if (part instanceof RegExp) return String(part);
  if (typeof part === 'number') return String(part);
  if (Array.isArray(part)) return part.map(describeSchema);
  if (typeof part !== 'object' || part === null) return part;
  const fields = Object.entries(part).filter(([, value]) => typeof value !== 'function');
  return Object.fromEntries(fields.sort(byKey).map(([key, value]) => [key, describeSchema(value)]));
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
