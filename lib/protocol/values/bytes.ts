import * as v from 'valibot';

/** Exactly as many bytes as this. */
export const bytesSchema = (length: number) =>
  v.custom<Uint8Array<ArrayBuffer>>(
    (bytes) => bytes instanceof Uint8Array && bytes.length === length,
    `must be ${length} bytes`,
  );
