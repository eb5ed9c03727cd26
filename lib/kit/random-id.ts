import type { Random } from './random.ts';

const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** An identifier of `length` characters out of 32 (5 bits each), safe in URLs, file names and speech. */
export function randomId(random: Random, length: number): string {
  return Array.from(random.bytes(length), (byte) => ID_ALPHABET.charAt(byte % 32)).join('');
}
