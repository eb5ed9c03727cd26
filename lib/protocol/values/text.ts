import * as s from '../schema/index.ts';
import { type JsonValue, jsonSchema } from './json.ts';

/** An identifier that an application chooses. */
export const idSchema = s.text({ min: 1, max: 128 });

/** A line or a paragraph for people. */
export const proseSchema = s.text({ max: 4000 });

/** ISO 8601 with a zone: `2024-01-15T14:00:00Z`. */
export const timestampSchema = s.textLike(
  /^\d{4}-(0[1-9]|1[0-2])-([12]\d|0[1-9]|3[01])[T ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,9})?(Z| ?[+-]([01]\d|2[0-3])(:?[0-5]\d)?)$/,
  'must be an ISO 8601 time such as "2024-01-15T14:00:00Z"',
);

/** Takes `unknown` as far as the compiler knows: a narrower type would hold for the named fields too, and refuse bytes. */
const extraFieldSchema: s.Schema<JsonValue, unknown> = jsonSchema;

/**
 * An object with these fields. Fields it does not name are carried as they are, as long as they are JSON, so that an
 * application or a newer version can add its own.
 */
export function openObject<F extends s.Fields>(fields: F) {
  return s.object(fields, extraFieldSchema);
}
