import { MalformedFrameError } from '../errors.ts';
import * as s from '../schema/index.ts';
import { fromBase64url, toBase64url } from './base64url.ts';
import { type ByteReader, ByteWriter } from './bytes.ts';

/** What a value on the wire may be and how it lies there; both directions in one place, so that they cannot drift apart. */
export interface Layout<T> {
  write(writer: ByteWriter, value: T): void;
  /** Throws `MalformedFrameError`, and `Misfit` where the value does not fit. */
  read(reader: ByteReader): T;
  /** What it was made of, for the version guard to hash. */
  readonly parts: LayoutParts;
}

export type LayoutParts =
  | { shape: string; schema: s.AnySchema }
  | { item: AnyLayout; bounds: s.Bounds }
  | { fields: Record<string, AnyLayout> };

// biome-ignore lint/suspicious/noExplicitAny: stands for every layout; `unknown` as a value would not.
export type AnyLayout = Layout<any>;
export type LayoutValue<L> = L extends Layout<infer T> ? T : never;

function leaf<Value, Fitting extends Value>(
  shape: string,
  schema: s.Schema<Fitting, unknown>,
  write: (writer: ByteWriter, value: Value) => void,
  read: (reader: ByteReader) => Value,
): Layout<Fitting> {
  return { parts: { shape, schema }, write, read: (reader) => schema.parse(read(reader)) };
}

/** A whole number from 0, one byte up to 127. */
export const varint = (bounds?: s.Bounds): Layout<number> =>
  leaf(
    'varint',
    s.wholeNumber({ min: 0, ...bounds }),
    (writer, value: number) => writer.varint(value),
    (reader) => reader.varint(),
  );

/** UTF-8, its length in bytes before it. */
export function text(): Layout<string>;
export function text<Fitting extends string>(schema: s.Schema<Fitting>): Layout<Fitting>;
export function text(schema: s.Schema<string> = s.text()): Layout<string> {
  return leaf(
    'text',
    schema,
    (writer, value: string) => writer.text(value),
    (reader) => reader.text(),
  );
}

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
export const flag: Layout<boolean> = leaf(
  'flag',
  s.boolean(),
  (writer, value) => writer.byte(value ? 1 : 0),
  (reader) => {
    const byte = reader.byte();
    if (byte > 1) throw new MalformedFrameError(`The frame has ${byte} where only 0 and 1 may stand.`);
    return byte === 1;
  },
);

type Bytes = Uint8Array<ArrayBuffer>;

const bytesThat = (shape: string, read: (reader: ByteReader) => Bytes): Layout<Bytes> =>
  leaf(shape, s.bytes(), (writer, value) => writer.bytes(value), read);

/** As many bytes as this. */
export const fixedBytes = (length: number) => bytesThat(`bytes(${length})`, (reader) => reader.bytes(length));

/** Bytes to the end of the frame; only ever the last field. */
export const rest = bytesThat('rest', (reader) => reader.rest());

/** Bytes with their length before them. */
export const sizedBytes: Layout<Bytes> = leaf(
  'sized',
  s.bytes(),
  (writer, value: Bytes) => {
    writer.varint(value.length);
    writer.bytes(value);
  },
  (reader) => reader.bytes(reader.varint()),
);

/** A SHA-256 in its usual spelling, base64url: 32 bytes on the wire instead of 43. */
export const digest = (schema: s.Schema<string>): Layout<string> =>
  leaf(
    'digest',
    schema,
    (writer, value: string) => writer.bytes(fromBase64url(value)),
    (reader) => toBase64url(reader.bytes(32)),
  );

/** A count, then the items. */
export function list<T>(item: Layout<T>, bounds: s.Bounds = {}): Layout<T[]> {
  return {
    parts: { item, bounds },
    write(writer, values) {
      writer.varint(values.length);
      for (const value of values) item.write(writer, value);
    },
    read(reader) {
      const count = reader.varint();
      // Each item is at least one byte, so that a forged count cannot make us allocate more than the frame's length.
      if (count > reader.remaining) throw new MalformedFrameError('The frame announces more items than it can hold.');
      s.entriesWithin(bounds, count);
      return Array.from({ length: count }, (_, index) => s.at(index, () => item.read(reader)));
    },
  };
}

type Fields = Record<string, AnyLayout>;
type Struct<F> = { [K in keyof F]: LayoutValue<F[K]> };

/** The fields one after the other, in the order in which they are declared. */
export function struct<F extends Fields>(fields: F): Layout<Struct<F>> {
  const entries = Object.entries(fields) as [keyof F & string, AnyLayout][];
  return {
    parts: { fields },
    write(writer, value) {
      for (const [name, field] of entries) field.write(writer, value[name]);
    },
    read(reader) {
      const value = {} as Struct<F>;
      for (const [name, field] of entries) value[name] = s.at(name, () => field.read(reader));
      return value;
    },
  };
}
