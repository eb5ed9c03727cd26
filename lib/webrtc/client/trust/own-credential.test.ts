import { ManualClock, seededRandom } from '@innmesh/kit';
import { beforeEach, expect, it } from 'vitest';
import { keyOf } from '../../server/test-support/device-keys.ts';
import { TestIssuer } from '../../server/test-support/test-issuer.ts';
import { OwnCredential } from './own-credential.ts';

const HOUR_MS = 60 * 60_000;

let clock: ManualClock;
let issuer: TestIssuer;
let own: OwnCredential;
/** When the source was asked, since the first time. */
let askedAtMs: number[];
/** What it gives. */
let given: string | Error;

beforeEach(async () => {
  clock = new ManualClock(Date.UTC(2026, 0, 10));
  issuer = new TestIssuer(clock);
  given = issuer.credential({ name: 'a' });
  askedAtMs = [];
  const startMs = clock.monotonicMs();
  const { peerId, publicKey, sign } = keyOf('a');
  const source = async () => {
    askedAtMs.push(clock.monotonicMs() - startMs);
    if (given instanceof Error) throw given;
    return given;
  };
  own = new OwnCredential(
    {
      source,
      tenantId: 'hotel',
      deviceInfo: { type: 'staff', name: 'n', capabilities: [] },
      clock,
      random: seededRandom(1),
      identity: async () => ({ peerId, publicKey, sign: async (bytes) => sign(bytes) }),
      log() {},
    },
    () => {},
  );
  await own.prepare();
  askedAtMs = [];
});

async function passes(ms: number): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 1_000) {
    clock.advance(1_000);
    await own.renewWhenDue();
  }
}

it('that was refused is asked for again and again, less and less often, until there is another', async () => {
  given = new Error('no issuer');
  own.refuse('expired');
  await expect(own.replace()).rejects.toThrow('no issuer');
  await passes(10 * 60_000);
  expect(askedAtMs.length).toBeLessThan(10);
  expect(askedAtMs[0]).toBe(0);
  expect(askedAtMs[1]).toBeGreaterThan(6_000);
  given = issuer.credential({ name: 'a' }, { gen: 1 });
  await passes(5 * 60_000);
  const { length } = askedAtMs;
  await passes(60_000);
  expect([own.token, own.isDue, askedAtMs.length]).toEqual([given, false, length]);
});

it('that one server refused is kept for others, and why there is no other is known without asking', async () => {
  const first = own.token;
  given = new Error('no issuer');
  own.refuse('expired');
  await expect(own.replace()).rejects.toThrow('no issuer');
  await own.prepare();
  await expect(own.replace()).rejects.toThrow('no issuer');
  expect([own.token, askedAtMs]).toEqual([first, [0]]);
});

it('that has run out is asked for whenever a server is to be joined', async () => {
  given = new Error('no issuer');
  clock.advance(24 * HOUR_MS + 60_000);
  for (const _ of [1, 2]) await expect(own.prepare()).rejects.toThrow('no issuer');
  expect(askedAtMs.length).toBe(2);
  await passes(10_000);
  expect(askedAtMs.length).toBe(3);
  await expect(own.prepare()).rejects.toThrow('no issuer');
  expect([askedAtMs.length, own.isDue]).toEqual([4, true]);
});

it('that is refused anew is asked for at once', async () => {
  own.refuse('unknown-key');
  given = new Error('no issuer');
  await expect(own.replace()).rejects.toThrow('no issuer');
  own.take(issuer.credential({ name: 'a' }, { gen: 1 }));
  own.refuse('revoked');
  given = issuer.credential({ name: 'a' }, { gen: 2 });
  await own.replace();
  expect([own.token, askedAtMs.length]).toEqual([given, 2]);
});
