import { type Random, systemRandom } from '@innmesh/kit';

/** RFC 8628 §6.1: no vowels, so that no words come up, and no letters that are mistaken for others. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ';
const GROUP = 4;

/** 20⁸ ≈ 2.6 × 10¹⁰: for a person to read from one screen and type on another within a quarter of an hour. */
export const USER_CODE_CHARACTERS = 8;
/** 20¹⁶ ≈ 2⁶⁹: out of reach of guessing, also for who has the store. */
export const SETUP_CODE_CHARACTERS = 16;

/** `WDJB-MJHT`. */
export function newCode(characters: number, random: Random = systemRandom): string {
  const letters = Array.from({ length: characters }, () => randomLetter(random)).join('');
  return letters.replace(new RegExp(`.{${GROUP}}(?=.)`, 'g'), '$&-');
}

/** Each letter equally likely: bytes over the last whole multiple of 20 are thrown away. */
function randomLetter(random: Random): string {
  for (;;) {
    const [byte = 255] = random.bytes(1);
    if (byte < 240) return ALPHABET.charAt(byte % ALPHABET.length);
  }
}

/** As a person types it: any case, with or without dashes and spaces (RFC 8628 §6.1). */
export function normalizeCode(typed: string): string {
  return typed.toUpperCase().replace(/[^A-Z]/g, '');
}
