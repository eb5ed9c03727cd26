import * as v from 'valibot';
import { describe } from '../explain-issue.ts';
import { limits } from '../limits.ts';

/** What survives `JSON.stringify` and `JSON.parse` unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

interface NonJson {
  keys: string[];
  problem: string;
  /** Leaves the keys out: they would be as many as the levels. */
  tooDeep?: true;
}

const TOO_DEEP: NonJson = {
  keys: [],
  problem: `must not be nested more than ${limits.jsonDepth} levels deep or lead back to itself`,
  tooDeep: true,
};

/** The keys that lead to the first part that JSON cannot carry, and what it is; `null` when it can carry all. */
export function findNonJson(value: unknown, depth = 0): NonJson | null {
  if (depth > limits.jsonDepth) return TOO_DEEP;
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return null;
  if (typeof value === 'number') {
    return Number.isFinite(value) ? null : { keys: [], problem: `must be a finite number, not ${value}` };
  }
  if (typeof value !== 'object' || !isPlain(value)) {
    return { keys: [], problem: `must be JSON, not ${describe(value)}` };
  }
  for (const [key, item] of Object.entries(value)) {
    const found = findNonJson(item, depth + 1);
    if (found) return found.tooDeep ? found : { keys: [key, ...found.keys], problem: found.problem };
  }
  return null;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === null || Object.getPrototypeOf(prototype) === null;
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
