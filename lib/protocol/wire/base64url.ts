import { MalformedFrameError } from '../errors.ts';

/*
 * RFC 4648 §5, without padding. By hand, as each join and each line of a roster needs it: `atob` and `btoa` want a text
 * of bytes in between and take ten times as long.
 */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** By character code. */
const values: (number | undefined)[] = [];
for (let value = 0; value < 64; value++) values[ALPHABET.charCodeAt(value)] = value;

export function toBase64url(bytes: Uint8Array): string {
  let text = '';
  let [pending, bits] = [0, 0];
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 6; ) {
      bits -= 6;
      text += ALPHABET[(pending >> bits) & 63];
    }
  }
  return bits > 0 ? text + ALPHABET[(pending << (6 - bits)) & 63] : text;
}

/** Takes only what `toBase64url` writes, so that a value has one spelling. Throws `MalformedFrameError`. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array((text.length * 6) >> 3);
  let [pending, bits, length] = [0, 0, 0];
  for (let index = 0; index < text.length; index++) {
    const value = values[text.charCodeAt(index)];
    if (value === undefined) throw notBase64url();
    pending = (pending << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = pending >> bits;
      pending &= (1 << bits) - 1;
    }
  }
  if (text.length % 4 === 1 || pending !== 0) throw notBase64url();
  return bytes;
}

const notBase64url = () => new MalformedFrameError('This is no unpadded base64url.');
