import * as limits from '../limits.ts';
import { describeValue, Misfit, type Schema } from '../schema/index.ts';

/** What survives `JSON.stringify` and `JSON.parse` unchanged. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** `keys` lead from the value as a whole to this part of it. */
function expectJson(part: unknown, keys: string[]): void {
  if (keys.length > limits.jsonDepth) {
    // Without the keys, which are as many as the levels.
    throw new Misfit(null, `must not be nested more than ${limits.jsonDepth} levels deep or lead back to itself`);
  }
  if (part === null || typeof part === 'string' || typeof part === 'boolean' || Number.isFinite(part)) return;
  if (typeof part !== 'object' || !isPlain(part)) {
    const expected = typeof part === 'number' ? 'a finite number' : 'JSON';
    throw new Misfit(keys.length > 0 ? null : part, `must be ${expected}, not ${describeValue(part)}`, keys);
  }
  for (const [key, item] of Object.entries(part)) {
    keys.push(key);
    expectJson(item, keys);
    keys.pop();
  }
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
    expectJson(value, []);
    return value as JsonValue;
  },
};
