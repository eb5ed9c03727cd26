import { MalformedFrameError } from '../errors.ts';
import { type AnySchema, read } from '../schema/index.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type Layout, written } from './layout.ts';

/** What a message file says of itself: its code in the first byte, its fields, and how they lie behind the code. */
export interface MessageDefinition {
  code: number;
  schema: AnySchema;
  layout: Layout<unknown>;
}

export type Definitions = Record<string, MessageDefinition>;

export function encoderOf<Message extends { type: string }>(definitions: Definitions) {
  return (message: Message): Uint8Array<ArrayBuffer> => {
    const { code, layout } = definitions[message.type] as MessageDefinition;
    const writer = new ByteWriter();
    writer.byte(code);
    return written(layout, message, writer);
  };
}

/** The decoder throws `MalformedFrameError` for whatever is none of these messages. */
export function decoderOf<Message extends { type: string }>(definitions: Definitions) {
  const byCode = new Map(Object.entries(definitions).map((entry) => [entry[1].code, entry]));
  return (frame: Uint8Array<ArrayBuffer>): Message => {
    const reader = new ByteReader(frame);
    const code = reader.byte();
    const found = byCode.get(code);
    if (!found) throw new MalformedFrameError(`No message of this direction has the code ${code}.`);
    const [type, { schema, layout }] = found;
    const fields = layout.read(reader) as object;
    reader.expectEnd();
    return read(
      schema,
      { type, ...fields },
      (path, problem) => new MalformedFrameError(`In a "${type}" message "${path}" ${problem}.`),
    );
  };
}
