import { ManualClock } from '@innmesh/kit';
import { allSeries, encodeLinkMessage, MAX_HELLO_BYTES, type Role, series, toBase64url } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { helloTo, MAX_TOLD } from './hello.ts';
import { Replica, type Stream } from './replica.ts';
import { MemoryStore } from './store/memory-store.ts';
import { idOf } from './test-support/streams.ts';

const NOW_MS = 1_000_000;
const SEVEN = new Uint8Array(7);
const [bar, hub, guest, printer] = (
  [
    ['bar', 'pos'],
    ['hub', 'hub'],
    ['guest', 'guest'],
    ['printer', 'printer'],
  ] as const
).map(([name, role]: readonly [string, Role]) => ({ peerId: idOf(name), role })) as [Peer, Peer, Peer, Peer];
type Peer = { peerId: string; role: Role };

let replica: Replica;

beforeEach(async () => {
  replica = await Replica.open(new MemoryStore(), new ManualClock(NOW_MS), 1_000_000);
});

function has(
  origin: string,
  known: Partial<Stream> = {},
  journal = 'AQIDBAUGBwg',
  of: Stream['series'] = series.shared,
) {
  const stream = replica.stream({ origin, journal, series: of });
  Object.assign(stream, { last: 7, kept: 7, sealed: 7, untilMs: NOW_MS + 1 }, known);
}

const told = (to: Peer, self: Peer) =>
  helloTo(to, self, replica, NOW_MS).journals.map(({ origin, cursors }) => [origin.replace(/A+$/, ''), cursors]);

describe('a hello of the house', () => {
  it('says what its reader may ask for: what can be handed on and is not past its time [L10]', () => {
    has(idOf('a'));
    has(idOf('b'), { untilMs: NOW_MS });
    has(idOf('c'), { sealed: 0 });
    has(idOf('d'), {}, 'AQIDBAUGBwg', series.direct);
    has(idOf('e'), {}, 'AQIDBAUGBwg', series.passing);
    expect(told(hub, bar)).toEqual([['a', [7]]]);
    expect(told(guest, bar)).toEqual([]);
  });

  it("says of its reader's own all that it has, so that nothing comes again [L10]", () => {
    for (const of of [series.shared, series.direct, series.passing])
      has(hub.peerId, { untilMs: 0, kept: 3 + of }, 'AQIDBAUGBwg', of);
    expect(told(hub, bar)).toEqual([['hub', [3, 0, 5, 0, 7]]]);
  });

  it('has no room for more than a device may be sent before it is verified, and leaves out what ends first [L6]', () => {
    const far = { kept: Number.MAX_SAFE_INTEGER, sealed: Number.MAX_SAFE_INTEGER };
    for (let number = 0; number < 11_000; number += 1) {
      for (const of of [series.shared, series.sharedBulk])
        has(idOf(`w${number}`), { ...far, untilMs: NOW_MS + 1 + number }, 'AQIDBAUGBwg', of);
    }
    for (let number = 0; number < 128; number += 1)
      for (const of of allSeries)
        has(hub.peerId, { ...far, untilMs: 0 }, toBase64url(Uint8Array.of(...SEVEN, number)), of);
    const { journals } = helloTo(hub, bar, replica, NOW_MS);
    expect(encodeLinkMessage({ type: 'hello', journals }).length).toBeLessThanOrEqual(MAX_HELLO_BYTES);
    const origins = [journals[0], journals[127], journals[128]].map((each) => each?.origin);
    expect([journals.length, ...origins]).toEqual([MAX_TOLD, hub.peerId, hub.peerId, idOf('w10999')]);
  });
});

it('a hello of a printer says how far it has what it is handed without asking, past its time or not [L10]', () => {
  has(idOf('a'), { untilMs: 0, sealed: 0 });
  has(idOf('b'), { kept: 0 });
  expect(told(bar, printer)).toEqual([['a', [7]]]);
});
