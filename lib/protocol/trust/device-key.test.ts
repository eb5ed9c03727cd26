import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { fromBase64url, toBase64url } from '../wire/base64url.ts';
import { thumbprintInput } from './device-key.ts';

/** The point of the example in RFC 7515, appendix A.3. */
const x = 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU';
const y = 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0';
const publicKey = Uint8Array.of(4, ...fromBase64url(x), ...fromBase64url(y));

it('a device’s id is the thumbprint of its key as RFC 7638 has it: these bytes, hashed [K1]', () => {
  const input = thumbprintInput(publicKey);
  expect(new TextDecoder().decode(input)).toBe(`{"crv":"P-256","kty":"EC","x":"${x}","y":"${y}"}`);
  const id = toBase64url(createHash('sha256').update(input).digest());
  expect(id).toBe('oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U');
});

it.each(['=', 'AA==', 'A', 'AB', 'AAB', 'A+', 'A/', ' AA', 'AA\n'])(
  'base64url has one spelling: not %j [W2]',
  (text) => {
    expect(() => fromBase64url(text)).toThrow('base64url');
  },
);
