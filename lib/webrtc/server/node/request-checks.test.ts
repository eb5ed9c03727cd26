import { describe, expect, it } from 'vitest';
import { refuseTokenInUrl } from './request-checks.ts';

const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJ0ZW5hbnQiOiJob3RlbCJ9.c2lnbmF0dXJl';

describe('a URL', () => {
  it.each([
    '/?token=abc',
    '/some/where?x=1&access_token=abc',
    '/?credential=',
    '/?TOKEN=x',
    '/?%74oken=x',
    '/?apikey=1',
    `/?x=${JWT}`,
    `/?${JWT}`,
    '/?a=1?token=b&token=c',
  ])('with a token in it is refused: %s', (url) => {
    expect(refuseTokenInUrl(url)).toMatchObject({ kind: 'token_in_url', status: 400 });
  });

  it.each(['/', undefined, '/?x=1', '/token', '/?', '/?tokens-left=3', '/index.html?v=1.2.3', '*', '/?room=key'])(
    'without one is not: %s',
    (url) => expect(refuseTokenInUrl(url)).toBeNull(),
  );
});
