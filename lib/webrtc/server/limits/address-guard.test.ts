import { ManualClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { readOptions } from '../options.ts';
import { AddressGuard } from './address-guard.ts';
import type { AddressLimits } from './limit-options.ts';

const OTHER = '198.51.100.1';
const NAT = '203.0.113.7';
let clock: ManualClock;

const guardWith = (address: AddressLimits = {}) =>
  new AddressGuard(readOptions({ limits: { address } }).limits.address, clock);

/** How many of so many sockets are let in. */
function openSockets(guard: AddressGuard, address: string, count: number) {
  return Array.from({ length: count }, () => guard.openSocket(address)).filter(({ refusal }) => !refusal);
}

beforeEach(() => {
  clock = new ManualClock();
});

describe('a hotel behind one address', () => {
  it('has all of its 500 devices and a thousand guests back at once after an outage, twice in ten seconds', () => {
    const guard = guardWith();
    for (let outage = 0; outage < 2; outage++) {
      const sockets = openSockets(guard, NAT, 1_500);
      expect(sockets).toHaveLength(1_500);
      for (const socket of sockets) socket.refusal === null && socket.leave();
      clock.advance(10_000);
    }
  });
});

describe('an address', () => {
  it('has so many sockets open at once; another has its own, and one that closes makes room', () => {
    const guard = guardWith({ sockets: 3 });
    const [first] = openSockets(guard, NAT, 3);
    expect(guard.openSocket(NAT).refusal).toEqual({
      kind: 'address_sockets',
      retryAfterS: 10,
      text: '3 WebSockets are open from this address. Try again in 10 s.',
    });
    expect(guard.openSocket(OTHER).refusal).toBeNull();
    if (first?.refusal === null) first.leave();
    expect(guard.openSocket(NAT).refusal).toBeNull();
  });

  it('opens so many in a time, and is told when it may again', () => {
    const guard = guardWith({ newSockets: { burst: 2, perSecond: 0.1 } });
    for (const socket of openSockets(guard, NAT, 2)) socket.refusal === null && socket.leave();
    expect(guard.openSocket(NAT).refusal).toMatchObject({ kind: 'address_new_sockets', retryAfterS: 10 });
    expect(guard.openSocket(OTHER).refusal).toBeNull();
    clock.advance(10_000);
    expect(guard.openSocket(NAT).refusal).toBeNull();
  });

  it('has so many connections open at once, which are not counted as sockets', () => {
    const guard = guardWith({ connections: 2, sockets: 2 });
    const entries = [guard.connect(NAT), guard.connect(NAT), guard.connect(NAT)];
    expect(entries.map(({ refusal }) => refusal?.kind)).toEqual([undefined, undefined, 'address_connections']);
    expect(openSockets(guard, NAT, 3)).toHaveLength(2);
  });

  it('of IPv6 is a /64: its 2^64 hosts share what it may', () => {
    const guard = guardWith({ sockets: 5 });
    const hosts = Array.from({ length: 100 }, (_, host) => guard.openSocket(`2001:db8:0:1::${host.toString(16)}`));
    expect(hosts.filter(({ refusal }) => !refusal)).toHaveLength(5);
    expect(guard.openSocket('2001:db8:0:2::1').refusal).toBeNull();
  });

  it('is remembered with what it failed, though it has no connection left', () => {
    const guard = guardWith({ failedJoins: { burst: 2, perSecond: 0.01 } });
    for (let failure = 0; failure < 2; failure++) {
      const socket = guard.openSocket(NAT);
      guard.remoteOf(NAT, 'signaling.test').joinFailed();
      if (socket.refusal === null) socket.leave();
    }
    expect([
      guard.remoteOf(NAT, 'signaling.test').mayTryJoin(),
      guard.remoteOf(OTHER, 'signaling.test').mayTryJoin(),
    ]).toEqual([false, true]);
    clock.advance(100_000);
    expect(guard.remoteOf(NAT, 'signaling.test').mayTryJoin()).toBe(true);
  });
});

describe('a million addresses', () => {
  it('leave no more than a hundred thousand behind, and those are forgotten', () => {
    const guard = guardWith();
    for (let network = 0; network < 1_000_000; network++) {
      const socket = guard.openSocket(`2001:db8:${(network >> 16).toString(16)}:${(network & 0xffff).toString(16)}::1`);
      if (socket.refusal === null) socket.leave();
    }
    expect(guard.size).toBeGreaterThan(10_000);
    expect(guard.size).toBeLessThanOrEqual(100_001);
    for (let sweeps = 0; sweeps < 2; sweeps++) {
      clock.advance(1_000_000);
      guard.sweep();
    }
    expect(guard.size).toBe(0);
  });
});
