import * as s from '../../schema/index.ts';
import { type JsonValue, jsonSchema } from '../../values/json.ts';

/** An application's own message: any type that begins with `x-`. */
export const customMessage = s.strictObject({
  type: s.textLike(
    /^x-[a-z0-9][a-z0-9.-]{0,61}$/,
    'must be "x-" and up to 62 lower-case letters, digits, "." and "-"',
  ) as s.Schema<`x-${string}`>,
  /** JSON, or bytes that cross as they are. */
  data: s.union([s.bytes() as s.Schema<Uint8Array>, jsonSchema], 'must be JSON or bytes'),
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
