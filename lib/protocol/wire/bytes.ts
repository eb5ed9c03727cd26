import { MalformedFrameError } from '../errors.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export const encodeText = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);

export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new MalformedFrameError('The frame holds text that is not UTF-8.');
  }
}

/** Types, ids, names and most messages are shorter. */
const MAX_BY_HAND = 256;
/** A reader has a string to build. */
const MAX_READ_BY_HAND = 64;

/** `null` where it is more than ASCII. */
function readAscii(bytes: Uint8Array): string | null {
  let text = '';
  for (const byte of bytes) {
    if (byte > 127) return null;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Most frames fit on it, so that each costs one buffer, of its own length. */
const desk = new Uint8Array(4096);

/**
 * A buffer that grows while a frame is written. Without a capacity it begins on the one desk, where frames are written
 * one after the other: a writer amid another's work needs a capacity of its own.
 */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;

  constructor(capacityBytes = 0) {
    this.#bytes = capacityBytes ? new Uint8Array(capacityBytes) : desk;
  }

  get length(): number {
    return this.#length;
  }

  /** Begins anew in the room it has: what `finish()` gave before is written over. */
  clear(): void {
    this.#length = 0;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  /** LEB128: seven bits a byte, lowest first; safe integers from 0. */
  varint(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** UTF-8, its length in bytes before it; returns that length. */
  text(value: string): number {
    if (this.#shortAscii(value)) return value.length;
    const bytes = encodeText(value);
    this.varint(bytes.length);
    this.bytes(bytes);
    return bytes.length;
  }

  /** By hand: an encoder costs a buffer, and more time than the characters. */
  #shortAscii(value: string): boolean {
    const { length } = value;
    if (length > MAX_BY_HAND) return false;
    const before = this.#length;
    this.varint(length);
    this.#reserve(length);
    const start = this.#length;
    for (let index = 0; index < length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) {
        this.#length = before;
        return false;
      }
      this.#bytes[start + index] = code;
    }
    this.#length = start + length;
    return true;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes === desk ? desk.slice(0, this.#length) : this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(this.#length * 2 + more);
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}

/** Reads a frame from its start; whatever is missing or too long is a `MalformedFrameError`. */
export class ByteReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  #offset = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  byte(): number {
    const value = this.#bytes[this.#offset];
    if (value === undefined) throw new MalformedFrameError('The frame ends in the middle of a field.');
    this.#offset += 1;
    return value;
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (!Number.isSafeInteger(value)) throw new MalformedFrameError('The frame holds a number over 2^53.');
      if (byte >= 128) continue;
      if (byte === 0 && scale > 1)
        throw new MalformedFrameError('The frame holds a number that is longer than need be.');
      return value;
    }
  }

  bytes(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.remaining) throw new MalformedFrameError('The frame is shorter than its length fields say.');
    this.#offset += length;
    return this.#bytes.subarray(this.#offset - length, this.#offset);
  }

  /** UTF-8, its length in bytes before it. */
  text(): string {
    const bytes = this.bytes(this.varint());
    return (bytes.length <= MAX_READ_BY_HAND && readAscii(bytes)) || decodeText(bytes);
  }

  rest(): Uint8Array<ArrayBuffer> {
    return this.bytes(this.remaining);
  }

  expectEnd(): void {
    if (this.remaining > 0)
      throw new MalformedFrameError(`The frame goes on for ${this.remaining} bytes after its end.`);
  }
}
