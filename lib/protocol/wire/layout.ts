import { MalformedFrameError } from '../errors.ts';
import { fromBase64url, toBase64url } from './base64url.ts';
import { type ByteReader, ByteWriter, decodeText, encodeText } from './bytes.ts';

/** How one value lies on the wire; both directions in one place, so that they cannot drift apart. */
export interface Layout<T> {
  /** A stable description, hashed by the version guard. */
  readonly shape: string;
  write(writer: ByteWriter, value: T): void;
  read(reader: ByteReader): T;
}

export type LayoutValue<L> = L extends Layout<infer T> ? T : never;

/** A whole number from 0, one byte up to 127. */
export const varint: Layout<number> = {
  shape: 'varint',
  write: (writer, value) => writer.varint(value),
  read: (reader) => reader.varint(),
};

/** UTF-8, its length in bytes before it. */
export const text: Layout<string> = {
  shape: 'text',
  write(writer, value) {
    const bytes = encodeText(value);
    writer.varint(bytes.length);
    writer.bytes(bytes);
  },
  read: (reader) => decodeText(reader.bytes(reader.varint())),
};

/** The value's bytes, behind what the writer has written already. */
export function written<T>(layout: Layout<T>, value: T, writer = new ByteWriter()): Uint8Array<ArrayBuffer> {
  layout.write(writer, value);
  return writer.finish();
}

/** For what is written again and again and never changes: each object's bytes are kept as long as it is. */
export function writtenOnce<T extends object>(layout: Layout<T>): Layout<T> {
  const known = new WeakMap<T, Uint8Array>();
  return {
    ...layout,
    write(writer, value) {
      let bytes = known.get(value);
      if (!bytes) {
        bytes = written(layout, value, new ByteWriter(128));
        known.set(value, bytes);
      }
      writer.bytes(bytes);
    },
  };
}

/** One byte, 0 or 1. */
export const flag: Layout<boolean> = {
  shape: 'flag',
  write: (writer, value) => writer.byte(value ? 1 : 0),
  read(reader) {
    const byte = reader.byte();
    if (byte > 1) throw new MalformedFrameError(`The frame has ${byte} where only 0 and 1 may stand.`);
    return byte === 1;
  },
};

/** As many bytes as this. */
export const fixedBytes = (length: number): Layout<Uint8Array<ArrayBuffer>> => ({
  shape: `bytes(${length})`,
  write: (writer, value) => writer.bytes(value),
  read: (reader) => reader.bytes(length),
});

/** A SHA-256 in its usual spelling, base64url: 32 bytes on the wire instead of 43. */
export const digest: Layout<string> = {
  shape: 'digest',
  write: (writer, value) => writer.bytes(fromBase64url(value)),
  read: (reader) => toBase64url(reader.bytes(32)),
};

/** Bytes to the end of the frame; only ever the last field. */
export const rest: Layout<Uint8Array<ArrayBuffer>> = {
  shape: 'rest',
  write: (writer, value) => writer.bytes(value),
  read: (reader) => reader.rest(),
};

/** A count, then the items, at most `maxItems`. */
export function list<T>(item: Layout<T>, maxItems = Number.POSITIVE_INFINITY): Layout<T[]> {
  return {
    shape: `list(${item.shape})`,
    write(writer, values) {
      writer.varint(values.length);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const count = reader.varint();
      // Each item is at least one byte, so that a forged count cannot make us allocate more than the frame's length.
      if (count > Math.min(reader.remaining, maxItems))
        throw new MalformedFrameError('The frame announces more items than it can hold.');
      return Array.from({ length: count }, () => item.read(reader));
    },
  };
}

type Fields = Record<string, Layout<unknown>>;
type Struct<F> = { [K in keyof F]: LayoutValue<F[K]> };

/** The fields one after the other, in the order in which they are declared. */
export function struct<F extends Fields>(fields: F): Layout<Struct<F>> {
  const entries = Object.entries(fields) as [keyof F & string, Layout<unknown>][];
  return {
    shape: `{${entries.map(([name, field]) => `${name}:${field.shape}`).join(',')}}`,
    write(writer, value) {
      for (const [name, field] of entries) field.write(writer, value[name]);
    },
    read(reader) {
      const value = {} as Struct<F>;
      for (const [name, field] of entries) value[name] = field.read(reader) as Struct<F>[typeof name];
      return value;
    },
  };
}
