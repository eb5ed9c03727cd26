import { expect, it } from 'vitest';
import { IceServers } from './ice-servers.ts';

const configured = [{ urls: 'stun:stun.example.com' }];

it('the configured servers and those that were lent last are used, as coturn expects to be asked [J15]', () => {
  const servers = new IceServers(configured);
  expect(servers.all).toEqual(configured);
  const urls = ['turn:turn.example.com:3478'];
  servers.lend({ type: 'turn', urls, expiresAt: 7, password: new Uint8Array(20) }, 'desk');
  const password = Uint8Array.from({ length: 20 }, (_, index) => 255 - index);
  servers.lend({ type: 'turn', urls, expiresAt: 1_700_000_600, password }, 'desk');
  const credential = Buffer.from(password).toString('base64');
  expect(servers.all).toEqual([...configured, { urls, username: '1700000600:desk', credential }]);
});

it('relays that no connection can be made with are done without until others are lent', () => {
  const servers = new IceServers(configured);
  const loan = { type: 'turn' as const, urls: ['turn:a:9'], expiresAt: 7, password: new Uint8Array(20) };
  expect(servers.giveBack()).toBe(null);
  servers.lend(loan, 'desk');
  expect([servers.giveBack()?.urls, servers.all, servers.giveBack()]).toEqual([['turn:a:9'], configured, null]);
  servers.lend(loan, 'desk');
  expect(servers.all).toHaveLength(2);
});

it('a list stays the same until it changes, so that who has used one knows', () => {
  const servers = new IceServers(configured);
  const before = servers.all;
  expect(servers.all).toBe(before);
  servers.lend({ type: 'turn', urls: ['turn:a'], expiresAt: 7, password: new Uint8Array(20) }, 'desk');
  expect(servers.all).not.toBe(before);
  expect(servers.all).toBe(servers.all);
});
