import { ManualClock } from '@innmesh/kit';
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  PROTOCOL_VERSION,
  packBatch,
  RecordAssembler,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Link, type LinkEnd } from './link.ts';
import { type Lane, lanes } from './transport.ts';

const hello: LinkMessage = { type: 'hello', version: PROTOCOL_VERSION, cursors: [3, 4] };
const entry = (seq: number): LinkMessage => ({ type: 'entry', seq, body: Uint8Array.of(seq) });

/** One end of a channel, with this test at the other. */
class FakeChannel {
  readyState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  broken = false;
  onopen = () => {};
  onclose = () => {};
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly heard: LinkMessage[] = [];
  readonly #assembler = new RecordAssembler(1_000_000);
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.broken) throw new Error('it is closed');
    for (const record of this.#assembler.receive(frame)) this.heard.push(decodeLinkMessage(record));
  }
}

let clock: ManualClock;
let channels: FakeChannel[];
let isClosed: boolean;
let told: unknown[];
let ends: LinkEnd[];
let whenOpen: () => void;
let link: Link;

function connection(): RTCPeerConnection {
  return {
    createOffer: async () => ({ type: 'offer', sdp: 'v=0' }),
    setLocalDescription: async () => {},
    createDataChannel: () => {
      const channel = new FakeChannel();
      channels.push(channel);
      return channel;
    },
    close: () => {
      isClosed = true;
    },
  } as unknown as RTCPeerConnection;
}

/** What the other side says in one frame. */
function say(lane: Lane, ...messages: LinkMessage[]): void {
  const data = packBatch(messages.map(encodeLinkMessage)).slice().buffer;
  channels[lane]?.onmessage?.({ data });
}

const turnIsOver = () => new Promise<void>((resolve) => queueMicrotask(resolve));
const typesHeard = (lane: Lane) => channels[lane]?.heard.map(({ type }) => type);

beforeEach(async () => {
  clock = new ManualClock();
  [channels, told, ends, isClosed] = [[], [], [], false];
  whenOpen = () => {};
  const deps = { clock, createPeerConnection: connection, keepaliveMs: 30_000, cursors: () => [1, 2], log: () => {} };
  link = new Link(7, deps, {
    signal: () => {},
    opened: (cursors) => {
      told.push(['opened', cursors]);
      whenOpen();
    },
    entry: (lane, seq) => told.push(['entry', lane, seq]),
    cursor: (lane, seq) => told.push(['cursor', lane, seq]),
    closed: (end) => ends.push(end),
  });
  link.offer();
  await turnIsOver();
  for (const channel of channels) channel.readyState = 'open';
  for (const channel of channels) channel.onopen();
  await turnIsOver();
});

describe('a link begins with a hello on each lane', () => {
  it('sent once, before anything else, with the cursors', async () => {
    say(lanes.entries, hello);
    link.sendEntry(lanes.bulk, 1, Uint8Array.of(1));
    await turnIsOver();
    expect(channels[lanes.entries]?.heard[0]).toEqual({ type: 'hello', version: PROTOCOL_VERSION, cursors: [1, 2] });
    expect(typesHeard(lanes.entries)).toEqual(['hello', 'ping']);
    expect(typesHeard(lanes.bulk)).toEqual(['hello', 'entry']);
  });

  it.each([lanes.entries, lanes.bulk])('and opens with the first that comes, on lane %i', (lane) => {
    say(lane, hello, entry(1));
    expect(told).toEqual([
      ['opened', [3, 4]],
      ['entry', lane, 1],
    ]);
    expect(link.isOpen).toBe(true);
  });

  it('whichever lane is quicker: a long message may come before the first short one', () => {
    say(lanes.bulk, hello, entry(1));
    say(lanes.entries, hello, entry(1));
    expect(told).toEqual([
      ['opened', [3, 4]],
      ['entry', lanes.bulk, 1],
      ['entry', lanes.entries, 1],
    ]);
    expect(ends).toEqual([]);
  });

  it.each([
    ['an entry before it', [entry(1)]],
    ['a cursor before it', [{ type: 'cursor', lane: 0, seq: 1 }]],
    ['a second one', [hello, hello]],
    ['another version', [{ ...hello, version: PROTOCOL_VERSION + 1 }]],
  ] as [string, LinkMessage[]][])('and %s ends it', (_, messages) => {
    say(lanes.entries, ...messages);
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('broke the protocol') })]);
    expect(told.filter((event) => (event as unknown[])[0] !== 'opened')).toEqual([]);
    expect([isClosed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('for which it waits 15 s', () => {
    clock.advance(14_999);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual([{ reason: 'it did not open within 15 s.', onPurpose: false, wasOpen: false }]);
  });
});

describe('a link that ends', () => {
  beforeEach(() => say(lanes.entries, hello));

  it('on purpose: both say bye on each lane, behind all they have said', async () => {
    say(lanes.bulk, hello);
    link.sendEntry(lanes.bulk, 1, Uint8Array.of(1));
    link.close();
    await turnIsOver();
    expect(typesHeard(lanes.bulk)).toEqual(['hello', 'entry', 'bye']);
    say(lanes.entries, entry(9), { type: 'cursor', lane: 1, seq: 1 }, { type: 'bye' });
    expect([told.at(-1), isClosed]).toEqual([['cursor', lanes.bulk, 1], false]);
    say(lanes.bulk, { type: 'bye' });
    expect(ends).toEqual([{ reason: 'both sides said bye.', onPurpose: true, wasOpen: true }]);
    expect([told.some((event) => (event as unknown[])[2] === 9), clock.pendingTimers]).toEqual([false, 0]);
  });

  it('on purpose waits a second for the other side, and no longer', () => {
    link.close();
    clock.advance(999);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect([ends.length, isClosed, clock.pendingTimers]).toEqual([1, true, 0]);
  });

  it('is told of once, and of nothing after it, not even of what stood in the same frame', () => {
    link.close();
    say(lanes.bulk, hello, { type: 'bye' });
    say(lanes.entries, { type: 'bye' }, { type: 'cursor', lane: 0, seq: 1 }, { type: 'bye' });
    expect(told).toEqual([['opened', [3, 4]]]);
    link.drop('again');
    expect([ends.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a link that breaks in the moment in which it opens', () => {
  it('leaves no timer behind', async () => {
    whenOpen = () => link.sendEntry(lanes.bulk, 1, new Uint8Array(100_000));
    for (const channel of channels) channel.broken = true;
    say(lanes.entries, hello);
    expect(ends).toEqual([expect.objectContaining({ onPurpose: false, wasOpen: true })]);
    expect(clock.pendingTimers).toBe(0);
  });
});
