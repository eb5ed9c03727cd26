import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { derSignatureOf } from './der-signature.ts';

const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString('hex');
const signature = (r: string, s: string) => Buffer.from(r.padStart(64, '0') + s.padStart(64, '0'), 'hex');

describe('a signature for OpenSSL', () => {
  it.each([
    ['01', '7f', '300602010102017f'],
    ['80', 'ff00', '300902020080020300ff00'],
    ['00', '00', '3006020100020100'],
  ])('has the numbers %s and %s in their shortest form', (r, s, der) => {
    expect(hex(derSignatureOf(signature(r, s)))).toBe(der);
  });

  it('is none of another length [K3]', () => {
    for (const length of [0, 63, 65, 72]) expect(derSignatureOf(new Uint8Array(length))).toBeNull();
  });

  it('is verified like the one that it was made of', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    for (let times = 0; times < 600; times++) {
      const bytes = Uint8Array.of(times, times >> 8);
      const made = sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
      expect(verify('sha256', bytes, publicKey, derSignatureOf(made) ?? made)).toBe(true);
    }
  });
});
