import * as v from 'valibot';
import { limits } from '../limits.ts';

/** What survives `JSON.stringify` and `JSON.parse` unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** The keys that lead to the first part that JSON cannot carry, and what it is; `null` when it can carry all. */
export function findNonJson(value: unknown, depth = 0): { keys: string[]; problem: string } | null {
  if (depth > limits.jsonDepth) return { keys: [], problem: `Expected at most ${limits.jsonDepth} levels of nesting` };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : { keys: [], problem: `Expected a JSON number, received ${value}` };
  }
  if (typeof value !== 'object' || !isPlain(value)) {
    return { keys: [], problem: `Expected JSON, received ${describe(value)}` };
  }
  for (const [key, item] of Object.entries(value)) {
    const found = findNonJson(item, depth + 1);
    if (found) return { keys: [key, ...found.keys], problem: found.problem };
  }
  return null;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  return typeof value === 'object' ? (value?.constructor?.name ?? 'an object') : typeof value;
}

/** Any JSON value; the error's path leads to the part that is none. */
export const jsonSchema: v.GenericSchema<JsonValue> = v.pipe(
  v.unknown(),
  v.rawCheck<unknown>(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const found = findNonJson(dataset.value);
    if (!found) return;
    const path = found.keys.map(
      (key) => ({ type: 'unknown', origin: 'value', input: undefined, key, value: undefined }) as const,
    );
    const [first, ...rest] = path;
    addIssue({ message: found.problem, ...(first && { path: [first, ...rest] }) });
  }),
) as v.GenericSchema<JsonValue>;
