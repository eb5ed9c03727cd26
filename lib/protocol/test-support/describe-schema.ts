/*
 * What the version guard hashes: a schema as plain values that are the same on every run. Functions are named rather
 * than printed, and what schemas say to people is left out: neither changes what crosses the wire.
 */

const LEFT_OUT = new Set(['reference', 'expects', 'message', 'async', '~run', '~standard', '~types']);

export function describeSchema(part: unknown): unknown {
  if (typeof part === 'function') return `function ${part.name}`;
  if (part instanceof RegExp) return String(part);
  if (typeof part === 'number' || typeof part === 'bigint') return String(part);
  if (Array.isArray(part)) return part.map(describeSchema);
  if (typeof part !== 'object' || part === null) return part;
  // The first step of a pipe is the schema that the pipe's own fields repeat.
  if ('pipe' in part) return { pipe: describeSchema(part.pipe) };
  const fields = Object.entries(part).filter(([key]) => !LEFT_OUT.has(key));
  return Object.fromEntries(fields.sort(byKey).map(([key, value]) => [key, describeSchema(value)]));
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
