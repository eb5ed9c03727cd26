import { expect, it } from 'vitest';
import { describePath } from './path.ts';

it('a path is read from the statistics', async () => {
  const path = await describePath(new Map());
  expect(path).toMatchObject({
    topology: 'unknown',
    path: null,
    reason: 'The browser names no path for this link yet.',
  });
});

it('a path whose reader cannot be loaded is unknown, and the reason says why', async () => {
  const path = await describePath(new Map(), () => Promise.reject(new TypeError('Failed to fetch')));
  expect(path).toMatchObject({ topology: 'unknown', path: null });
  expect(path.reason).toBe('The code that reads the path could not be loaded: TypeError: Failed to fetch');
});
