import { expect, it } from 'vitest';
import { prepareJws, readJws } from './jws.ts';

const tokenOf = (payload: unknown) =>
  prepareJws('test+jwt', { kid: 'key', alg: 'ES256' }, payload).complete(new Uint8Array(64));

it('a token is read up to its length limit, and one over it is none', () => {
  const token = tokenOf('x'.repeat(100));
  expect(readJws(token, 'test+jwt', token.length).payload).toBe('x'.repeat(100));
  expect(() => readJws(token, 'test+jwt', token.length - 1)).toThrow('it is no signed token (JWT)');
});

it('what is not three parts of base64url around JSON is no token', () => {
  const [header = '', payload = '', signature = ''] = tokenOf({}).split('.');
  const broken = [
    [header, payload],
    [header, payload, signature, ''],
    ['é', payload, signature],
    [header, 'AA', signature],
  ];
  for (const parts of [...broken, [header, payload, '=']]) {
    expect(() => readJws(parts.join('.'), 'test+jwt'), parts.join('.')).toThrow('it is no signed token (JWT)');
  }
});
