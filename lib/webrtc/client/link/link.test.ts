import { ManualClock } from '@innmesh/kit';
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  PROTOCOL_VERSION,
  RecordAssembler,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { cutIntoPieces, packBatch } from '../../../protocol/test-support/frames.ts';
import { Link, type LinkEnd } from './link.ts';
import type { LinkAuthentication } from './link-authentication.ts';
import { type Lane, lanes, Transport } from './transport.ts';

const [journal, knownJournal] = [new Uint8Array(8).fill(1), new Uint8Array(8).fill(2)];
const hello: LinkMessage & { type: 'hello' } = { type: 'hello', journal, knownJournal, cursors: [3, 4] };
const ownHello = { ...hello, cursors: [1, 2] };
const proof: LinkMessage & { type: 'authenticate' } = {
  type: 'authenticate',
  version: PROTOCOL_VERSION,
  credential: 'c',
  publicKey: new Uint8Array(65),
  signature: new Uint8Array(64),
};
const claims = { role: 'staff', caps: [] };
const entry = (seq: number): LinkMessage => ({ type: 'entry', seq, body: Uint8Array.of(seq) });

/** One end of a channel, with this test at the other. */
class FakeChannel {
  readyState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  broken = false;
  onopen = () => {};
  onclose = () => {};
  onbufferedamountlow = () => {};
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly heard: LinkMessage[] = [];
  readonly #assembler = new RecordAssembler(1_000_000);
  send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.broken) throw new Error('it is closed');
    for (const record of this.#assembler.receive(frame.slice())) this.heard.push(decodeLinkMessage(record));
  }
}

let clock: ManualClock;
let channels: FakeChannel[];
let created: unknown[];
let isClosed: boolean;
let told: unknown[];
let ends: LinkEnd[];
let whenOpen: () => void;
let verification: () => Promise<unknown>;
let checkPeer: () => void;
let link: Link;

function connection(): RTCPeerConnection {
  return {
    setLocalDescription: async () => {},
    createDataChannel: (label: string, { negotiated, id }: RTCDataChannelInit) => {
      const channel = new FakeChannel();
      created.push([label, negotiated, id]);
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

const turnIsOver = () => new Promise<void>((resolve) => setImmediate(resolve));
const typesHeard = (lane: Lane) => channels[lane]?.heard.map(({ type }) => type);

async function begin(): Promise<void> {
  clock = new ManualClock();
  [channels, created, told, ends, isClosed] = [[], [], [], [], false];
  whenOpen = () => {};
  verification = async () => claims;
  checkPeer = () => {};
  const authentication = {
    nonce: new Uint8Array(16),
    agree: () => {},
    proof: async () => proof,
    verify: () => verification(),
    renew: () => verification(),
    check: () => checkPeer(),
  };
  const deps = {
    clock,
    transport: new Transport(connection()),
    keepaliveMs: 30_000,
    authentication: authentication as unknown as LinkAuthentication,
    hello: () => ownHello,
    log: () => {},
  };
  link = new Link(7, deps, {
    signal: () => {},
    opened: ({ cursors }) => {
      told.push(['opened', cursors]);
      whenOpen();
    },
    entry: (lane, seq) => told.push(['entry', lane, seq]),
    cursor: (lane, seq) => told.push(['cursor', lane, seq]),
    denied: (list) => told.push(['denied', list]),
    closed: (end) => ends.push(end),
  });
  link.offer();
  await turnIsOver();
  for (const channel of channels) channel.readyState = 'open';
  for (const channel of channels) channel.onopen();
  await turnIsOver();
}

beforeEach(begin);

/** The other side has shown who it is, and is believed. */
async function introduced(): Promise<void> {
  say(lanes.entries, proof);
  await settled();
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('before the other side has shown who it is', () => {
  it('this side sends its own proof and nothing else [L5] [L6]', async () => {
    link.sendEntry(lanes.entries, 1, Uint8Array.of(1));
    await settled();
    expect([link.isOpen, channels[lanes.entries]?.heard[0]]).toEqual([false, proof]);
    expect(typesHeard(lanes.bulk)).toEqual([]);
  });

  it.each([
    ['an entry', lanes.entries, [entry(1)]],
    ['an entry on the other lane', lanes.bulk, [entry(1)]],
    ['a hello', lanes.entries, [hello]],
    ['a second proof', lanes.entries, [proof, proof]],
    ['a proof on the other lane', lanes.bulk, [proof]],
    ['a hello and an entry', lanes.entries, [proof, hello, entry(1)]],
    ['two hellos', lanes.entries, [proof, hello, hello]],
    ['a deny list', lanes.entries, [proof, { type: 'deny', list: 'x' }]],
  ] as [string, Lane, LinkMessage[]][])(
    '%s ends the link, and nothing of it is taken [L6]',
    async (_, lane, messages) => {
      say(lane, ...messages);
      await settled();
      expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('broke the protocol') })]);
      expect(told).toEqual([]);
      expect([isClosed, clock.pendingTimers]).toEqual([true, 0]);
    },
  );

  it('a record of more than 17 KiB ends the link while it comes; afterwards one may be longer [L6]', async () => {
    const [first, second] = cutIntoPieces(encodeLinkMessage({ type: 'deny', list: 'x'.repeat(40_000) }));
    const send = (piece = new Uint8Array()) => channels[lanes.bulk]?.onmessage?.({ data: piece.slice().buffer });
    await introduced();
    say(lanes.bulk, hello);
    for (const piece of [first, second]) send(piece);
    expect(ends).toEqual([]);
    await begin();
    for (const piece of [first, second]) send(piece);
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('over the limit of 17408') })]);
  });

  it('its hellos wait [L6]', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    verification = () => promise;
    say(lanes.bulk, hello);
    say(lanes.entries, proof, hello);
    await settled();
    expect([told, typesHeard(lanes.entries)]).toEqual([[], ['authenticate']]);
    resolve(claims);
    await settled();
    expect([told, typesHeard(lanes.entries)]).toEqual([[['opened', [3, 4]]], ['authenticate', 'hello']]);
  });

  it('a proof that is not believed ends the link with the reason, and a hello is never sent [L9]', async () => {
    const error = new Error('it is another device');
    verification = () => Promise.reject(error);
    say(lanes.entries, proof, hello);
    await settled();
    expect(ends).toEqual([{ reason: 'it is another device', cause: error, onPurpose: false, wasOpen: false }]);
    expect([told, typesHeard(lanes.entries), clock.pendingTimers]).toEqual([[], ['authenticate'], 0]);
  });

  it('a proof of another version ends it [L7]', async () => {
    say(lanes.entries, { ...proof, version: PROTOCOL_VERSION + 1 });
    await settled();
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('version') })]);
  });
});

describe('while the link stands', () => {
  beforeEach(async () => {
    await introduced();
    say(lanes.entries, hello);
  });

  it('a newer credential of the other side keeps it [L12]', async () => {
    const newer = { role: 'staff', caps: ['orders'] };
    verification = async () => newer;
    say(lanes.entries, { type: 'renew', credential: 'newer' });
    await settled();
    expect([link.claims, ends]).toEqual([newer, []]);
  });

  it('one that is not believed changes nothing: the one before is good for as long as it says [L12]', async () => {
    verification = () => Promise.reject(new Error('for another role'));
    say(lanes.entries, { type: 'renew', credential: 'forged' });
    await settled();
    expect([link.claims, ends]).toEqual([claims, []]);
  });

  it('the bulk lane gives way to an entry on the other one, and to nothing else', () => {
    const lowWatermark = () => channels[lanes.bulk]?.bufferedAmountLowThreshold;
    const atFullPace = lowWatermark() as number;
    link.acknowledge(lanes.bulk, 1, 20_000);
    link.sendEntry(lanes.bulk, 1, Uint8Array.of(1));
    expect(lowWatermark()).toBe(atFullPace);
    link.sendEntry(lanes.entries, 1, Uint8Array.of(1));
    expect(lowWatermark()).toBeLessThan(atFullPace / 4);
  });

  it('what it says of itself does not wait for a long entry on the same lane [W8]', async () => {
    const channel = channels[lanes.entries] as FakeChannel;
    channel.bufferedAmount = 1_000_000;
    link.sendEntry(lanes.entries, 1, new Uint8Array(200_000));
    say(lanes.entries, { type: 'ping', nonce: 7 });
    await settled();
    channel.bufferedAmount = 0;
    channel.onbufferedamountlow();
    expect(typesHeard(lanes.entries)).toEqual(['authenticate', 'hello', 'pong', 'entry']);
  });

  it('it ends where the other side may not stay [L13]', () => {
    link.checkPeer();
    expect(ends).toEqual([]);
    checkPeer = () => {
      throw new Error('its time is over');
    };
    link.checkPeer();
    expect(ends).toEqual([expect.objectContaining({ reason: 'its time is over', wasOpen: true })]);
  });

  it('this side hands on its newer credential, and whom the issuer has put out', async () => {
    link.renew('mine');
    link.deny('list');
    say(lanes.entries, { type: 'deny', list: 'theirs' });
    await turnIsOver();
    expect(channels[lanes.entries]?.heard.slice(-2)).toEqual([
      { type: 'renew', credential: 'mine' },
      { type: 'deny', list: 'list' },
    ]);
    expect(told.at(-1)).toEqual(['denied', 'theirs']);
  });
});

describe('then a link begins with a hello on each lane', () => {
  beforeEach(introduced);

  it('and the lanes are negotiated in advance, by number [L10]', () => {
    expect(created).toEqual([
      ['entries', true, 0],
      ['bulk', true, 1],
    ]);
  });

  it('sent once, before anything else, with the cursors [L10]', async () => {
    say(lanes.entries, hello);
    link.sendEntry(lanes.bulk, 1, Uint8Array.of(1));
    await turnIsOver();
    expect(channels[lanes.entries]?.heard[1]).toEqual(ownHello);
    expect(typesHeard(lanes.entries)).toEqual(['authenticate', 'hello']);
    expect(typesHeard(lanes.bulk)).toEqual(['hello', 'entry']);
  });

  it.each([lanes.entries, lanes.bulk])('and opens with the first that comes, on lane %i [L10]', (lane) => {
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
    ['a second proof', [proof]],
  ] as [string, LinkMessage[]][])('and %s ends it [L10]', (_, messages) => {
    say(lanes.entries, ...messages);
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('broke the protocol') })]);
    expect(told.filter((event) => (event as unknown[])[0] !== 'opened')).toEqual([]);
    expect([isClosed, clock.pendingTimers]).toEqual([true, 0]);
  });

  it('for which it waits 15 s [L11]', () => {
    clock.advance(14_999);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual([{ reason: 'it did not open within 15 s.', onPurpose: false, wasOpen: false }]);
  });
});

describe('a link that ends', () => {
  beforeEach(async () => {
    await introduced();
    say(lanes.entries, hello);
  });

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
    await introduced();
    for (const channel of channels) channel.broken = true;
    say(lanes.entries, hello);
    expect(ends).toEqual([expect.objectContaining({ onPurpose: false, wasOpen: true })]);
    expect(clock.pendingTimers).toBe(0);
  });
});
