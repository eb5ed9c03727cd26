import { limits } from '../limits.ts';
import { describeValue, Misfit, type Schema } from '../schema/index.ts';

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
    return { keys: [], problem: `must be JSON, not ${describeValue(value)}` };
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

/** Any JSON value; what is said to be wrong with it is about the part that is none. */
export const jsonSchema: Schema<JsonValue> = {
  expected: 'JSON',
  fits: () => true,
  parse(value) {
    const found = findNonJson(value);
    if (found) throw new Misfit(value, found.problem, found.keys);
    return value as JsonValue;
  },
};
