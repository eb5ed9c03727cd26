import * as s from '../schema/index.ts';

/** Exactly as many bytes as this. */
export const bytesSchema = (length: number) =>
  s.check(s.bytes(), (bytes) => bytes.length === length, `must be ${length} bytes`);
