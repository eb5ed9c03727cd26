import { ManualClock } from '@innmesh/kit';
import { ConfigurationError, encodeSignaling } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { readOptions } from '../options.ts';
import { SignalingCore } from '../signaling-core.ts';
import { keyOf } from '../test-support/device-keys.ts';
import { advanceAnswering, FakeDevice, idOf, joined } from '../test-support/fake-device.ts';
import { TurnLender } from './turn-lender.ts';
import type { TurnOptions } from './turn-options.ts';

const turn = { urls: ['turn:turn.example.com:3478'], secret: 'north-sea-breeze', lifetimeSeconds: 600 };
const HEARTBEAT_MS = 10_000;

function coreWith(options: { turn?: TurnOptions } = { turn }) {
  const clock = new ManualClock(1_700_000_000_000);
  return { clock, core: new SignalingCore({ heartbeatMs: HEARTBEAT_MS, ...options }, { clock }) };
}

const loansIn = (heard: readonly { type: string }[]) => heard.filter(({ type }) => type === 'turn');

describe('a relay that is lent', () => {
  it('has the password that coturn computes of the secret and the username', () => {
    // echo -n 1700000600:desk | openssl dgst -sha1 -hmac north-sea-breeze
    const { expiresAt, password } = new TurnLender(turn).lend('desk', 1_700_000_000_999);
    expect(expiresAt).toBe(1_700_000_600);
    expect(Buffer.from(password).toString('hex')).toBe('204c6331578cab685e16e45c0009e2e239b4d030');
  });

  it('comes right before the welcome, in the name of the device alone [J15]', () => {
    const { core } = coreWith();
    const [loan, welcome] = new FakeDevice(core).join({ name: 'desk' });
    const { urls, secret } = turn;
    const expected = new TurnLender({ urls, secret, lifetimeSeconds: 600 }).lend(idOf('desk'), 1_700_000_000_000);
    expect(loan).toEqual(expected);
    expect(welcome?.type).toBe('welcome');
  });

  it('is for nobody who has not been let in [J15]', () => {
    const { core } = coreWith();
    const stranger = new FakeDevice(core);
    expect(stranger.heard()).toEqual([]);
    expect(loansIn(stranger.join({ name: 'a', signer: keyOf('b') }))).toEqual([]);
  });

  it('is lent anew with the first heartbeat after half of its time, and not sooner [J15]', () => {
    const { clock, core } = coreWith();
    const device = joined(core, { name: 'desk' });
    const heard: { type: string }[] = [];
    const listen = (untilMs: number) => {
      while (clock.nowMs() < 1_700_000_000_000 + untilMs) {
        clock.advance(HEARTBEAT_MS);
        heard.push(...device.heard());
        device.say({ type: 'heartbeat' });
      }
    };
    listen(290_000);
    expect(loansIn(heard)).toEqual([]);
    listen(300_000);
    expect(loansIn(heard)).toMatchObject([{ expiresAt: 1_700_000_000 + 300 + 600 }]);
    listen(900_000);
    expect(loansIn(heard)).toHaveLength(3);
  });
});

describe('a server without relays', () => {
  it('sends no byte for it, neither at the join nor later [J15]', () => {
    const { clock, core } = coreWith({});
    const device = new FakeDevice(core);
    expect(device.join({ name: 'desk' }).map(({ type }) => type)).toEqual(['welcome']);
    advanceAnswering(clock, 86_400_000 / 24, HEARTBEAT_MS, [device]);
    expect(loansIn(device.heard())).toEqual([]);
  });
});

it('a loan costs 54 bytes, 26 of which are its URL', () => {
  expect(encodeSignaling(new TurnLender(turn).lend('desk', 1_700_000_000_000)).length).toBe(54);
});

describe('the options of relays', () => {
  it('have an hour where they name no time', () => {
    const { lifetimeSeconds, ...least } = turn;
    expect([lifetimeSeconds, readOptions({ turn: least }).turn?.lifetimeSeconds]).toEqual([600, 3_600]);
  });

  it.each([
    ['turn.urls', { ...turn, urls: [] }, 'at least 1'],
    ['turn.urls', { ...turn, urls: Array(5).fill('turn:a') }, 'at most 4'],
    ['turn.urls[0]', { ...turn, urls: ['turn.example.com'] }, 'a TURN URL such as .*, not "turn.example.com"'],
    ['turn.urls[1]', { ...turn, urls: ['turn:a', 'stun:b'] }, 'not "stun:b"'],
    ['turn.urls[0]', { ...turn, urls: ['turn:a:65536'] }, 'not "turn:a:65536"'],
    ['turn.secret', { ...turn, secret: 'short' }, 'at least 16 characters, not 5'],
    ['turn.secret', { urls: turn.urls }, 'is missing'],
    ['turn.lifetimeSeconds', { ...turn, lifetimeSeconds: 59 }, 'four heartbeats \\(60 s\\), not 59'],
    ['turn.lifetimeSeconds', { ...turn, lifetimeSeconds: 100_000 }, 'at most'],
    ['turn.lifetimeSeconds', { ...turn, lifetimeSeconds: Number.NaN }, 'a number'],
    ['turn.password', { ...turn, password: 'x' }, 'no field'],
  ])('are refused with the path %s', (path, wrong, problem) => {
    const read = () => readOptions({ turn: wrong as TurnOptions });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(expect.objectContaining({ path, message: expect.stringMatching(problem) }));
  });
});
