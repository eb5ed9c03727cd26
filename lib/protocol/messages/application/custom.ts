import * as v from 'valibot';
import { type JsonValue, jsonSchema } from '../../values/json.ts';

/** An application's own message: any type that begins with `x-`. */
export const customMessage = v.strictObject({
  type: v.custom<`x-${string}`>(
    (type) => typeof type === 'string' && /^x-[a-z0-9][a-z0-9.-]{0,61}$/.test(type),
    'must be "x-" and up to 62 lower-case letters, digits, "." and "-"',
  ),
  /** JSON, or bytes that cross as they are. */
  data: v.union([v.instance(Uint8Array), jsonSchema]) as v.GenericSchema<JsonValue | Uint8Array>,
});

/** What an application may declare; that `data` is JSON or bytes is checked when it is sent. */
export interface CustomMessageShape {
  type: `x-${string}`;
  data: unknown;
}

export interface CustomMessage<Type extends `x-${string}` = `x-${string}`, Data = JsonValue | Uint8Array> {
  type: Type;
  data: Data;
}
