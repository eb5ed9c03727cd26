import * as v from 'valibot';
import { type JsonValue, jsonSchema } from './json.ts';

/** An identifier that an application chooses. */
export const idSchema = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));

/** A line or a paragraph for people. */
export const proseSchema = v.pipe(v.string(), v.maxLength(4000));

/** ISO 8601 with a zone: `2024-01-15T14:00:00Z`. */
export const timestampSchema = v.pipe(
  v.string(),
  v.isoTimestamp('must be an ISO 8601 time such as "2024-01-15T14:00:00Z"'),
);

/** Takes `unknown` as far as the compiler knows: a narrower type would hold for the named fields too, and refuse bytes. */
const extraFieldSchema: v.GenericSchema<unknown, JsonValue> = jsonSchema;

/**
 * An object with these fields. Fields it does not name are carried as they are, as long as they are JSON, so that an
 * application or a newer version can add its own.
 */
export function openObject<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.objectWithRest(entries, extraFieldSchema);
}
