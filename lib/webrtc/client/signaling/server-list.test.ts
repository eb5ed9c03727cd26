import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { ServerList } from './server-list.ts';

let clock: ManualClock;
let servers: ServerList;

beforeEach(() => {
  clock = new ManualClock();
  servers = new ServerList(['ws://a', 'ws://b', 'ws://c'], clock);
});

describe('a server', () => {
  it('is better than those after it, and the first one is the best', () => {
    expect(servers.betterThan('ws://a')).toEqual([]);
    expect(servers.betterThan('ws://c')).toEqual(['ws://a', 'ws://b']);
    expect([servers.isBest('ws://a'), servers.isBest('ws://b')]).toEqual([true, false]);
  });

  it('that kept the device for long is as good as before', () => {
    servers.left('ws://a', 30_000, true);
    expect([servers.betterThan('ws://b'), servers.inOrder()[0]]).toEqual([['ws://a'], 'ws://a']);
  });

  it('that lets devices in and does not keep them is not moved to for a while, longer each time', () => {
    for (const avoidedMs of [60_000, 120_000, 240_000, 480_000, 600_000, 600_000]) {
      servers.left('ws://a', 29_999, false);
      clock.advance(avoidedMs - 1);
      expect(servers.betterThan('ws://b')).toEqual([]);
      clock.advance(1);
      expect(servers.betterThan('ws://b')).toEqual(['ws://a']);
    }
    servers.left('ws://a', 30_000, false);
    servers.left('ws://a', 0, false);
    clock.advance(60_000);
    expect(servers.betterThan('ws://b')).toEqual(['ws://a']);
  });

  it('is asked last for a while where it did what the protocol forbids, and not where the connection broke', () => {
    servers.left('ws://a', 0, false);
    expect(servers.inOrder()).toEqual(['ws://a', 'ws://b', 'ws://c']);
    servers.left('ws://a', 0, true);
    expect(servers.inOrder()).toEqual(['ws://b', 'ws://c', 'ws://a']);
    clock.advance(120_000);
    expect(servers.inOrder()).toEqual(['ws://a', 'ws://b', 'ws://c']);
  });
});
