import { MalformedFrameError } from '../errors.ts';
import { refusing } from '../schema/index.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { type AnyLayout, type Layout, type LayoutValue, struct, written } from './layout.ts';

/** What a message file says of itself: its code in the first byte, and what comes behind it. */
export interface MessageDefinition<Fields = unknown> {
  code: number;
  layout: Layout<Fields>;
}

// biome-ignore lint/suspicious/noExplicitAny: as with `AnyLayout`.
export type Definitions = Record<string, MessageDefinition<any>>;

/** Any of these messages: its fields, and as `type` the name it goes by here. */
export type MessageOf<D extends Definitions> = {
  [Type in keyof D]: { type: Type } & LayoutValue<D[Type]['layout']> extends infer Both
    ? { [Key in keyof Both]: Both[Key] }
    : never;
}[keyof D];

export function message<F extends Record<string, AnyLayout>>(code: number, fields: F) {
  return { code, layout: struct(fields) };
}

export function encoderOf<Message extends { type: string }>(definitions: Definitions) {
  return (message: Message): Uint8Array<ArrayBuffer> => {
    const { code, layout } = definitions[message.type] as MessageDefinition<Message>;
    const writer = new ByteWriter();
    writer.byte(code);
    return written(layout, message, writer);
  };
}

/** The decoder throws `MalformedFrameError` for whatever is none of these messages. */
export function decoderOf<Message extends { type: string }>(definitions: Definitions) {
  const byCode = new Map(Object.entries(definitions).map(([type, { code, layout }]) => [code, { type, layout }]));
  return (frame: Uint8Array<ArrayBuffer>): Message => {
    const reader = new ByteReader(frame);
    const code = reader.byte();
    const found = byCode.get(code);
    if (!found) throw new MalformedFrameError(`No message of this direction has the code ${code}.`);
    const { type, layout } = found;
    const fields = refusing(
      () => layout.read(reader),
      (path, problem) => new MalformedFrameError(`In a "${type}" message "${path}" ${problem}.`),
    );
    reader.expectEnd();
    return { type, ...fields };
  };
}
