import { ManualClock } from '@innmesh/kit';
import {
  decodeLinkMessage,
  encodeLinkMessage,
  type LinkMessage,
  limits,
  MAX_HELLO_BYTES,
  MalformedFrameError,
  PROTOCOL_VERSION,
  RecordAssembler,
  type ReplicationMessage,
} from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { cutIntoPieces, packBatch } from '../../../protocol/test-support/frames.ts';
import { Link, type LinkEnd } from './link.ts';
import type { LinkAuthentication } from './link-authentication.ts';
import { type Lane, lanes, WebRtcTransport } from './transport.ts';

const journalAt = (...cursors: number[]) => ({ origin: 'A'.repeat(43), journal: new Uint8Array(8).fill(1), cursors });
const hello: LinkMessage & { type: 'hello' } = { type: 'hello', journals: [journalAt(3, 4)] };
const ownHello = { ...hello, journals: [journalAt(1, 2)] };
const proof: LinkMessage & { type: 'authenticate' } = {
  type: 'authenticate',
  version: PROTOCOL_VERSION,
  credential: 'c',
  publicKey: new Uint8Array(65),
  signature: new Uint8Array(64),
};
const claims = { role: 'staff', caps: [] };
const entry = (seq: number): ReplicationMessage & { type: 'entry' } => {
  return { type: 'entry', stream: 0, seq, distance: 1, ageMs: 0, bytes: Uint8Array.of(seq) };
};
/** Of the transport: what is said of one stream keeps its order, and what the link says of itself waits for none. */
const [CONTROL, STREAM] = [0, 1];
const cursor: ReplicationMessage = { type: 'cursor', stream: 0, seq: 1 };

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
let whenClosing: () => void;
let whenReplicated: (message: ReplicationMessage) => void;
let kept: Promise<void>;
let verification: () => Promise<unknown>;
let checkPeer: () => void;
let link: Link;
/** Descriptions of the other side that the connection was given. */
let taken: string[];
let signaled: string[];

const SAME = 'names the certificate that was authenticated';

function connection(): RTCPeerConnection {
  return {
    setLocalDescription: async () => {},
    setRemoteDescription: async ({ sdp }: { sdp: string }) => {
      taken.push(sdp);
    },
    restartIce: () => {},
    getConfiguration: () => ({}),
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
  [taken, signaled] = [[], []];
  whenOpen = () => {};
  whenClosing = () => {};
  whenReplicated = () => {};
  kept = Promise.resolve();
  verification = async () => claims;
  checkPeer = () => {};
  const authentication = {
    nonce: new Uint8Array(16),
    agree: () => {},
    expectSame: (sdp: string) => {
      if (sdp !== SAME) throw new Error('another certificate');
    },
    proof: async () => proof,
    verify: () => verification(),
    renew: () => verification(),
    check: () => checkPeer(),
  };
  const deps = {
    clock,
    transport: new WebRtcTransport(connection()),
    keepaliveMs: 30_000,
    authentication: authentication as unknown as LinkAuthentication,
    hello: () => ownHello,
    log: () => {},
  };
  link = new Link(7, deps, {
    signal: ({ type }) => signaled.push(type),
    opened: ({ journals }) => {
      told.push(['opened', journals[0]?.cursors]);
      whenOpen();
    },
    replicated: (message) => {
      told.push([message.type, 'seq' in message && message.seq]);
      whenReplicated(message);
    },
    closing: () => whenClosing(),
    settled: () => kept,
    denied: (list) => told.push(['denied', list]),
    signaled: () => {},
    heard: () => {},
    doubted: (isGivenUp) => told.push(['doubted', isGivenUp]),
    pathFound: () => {},
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
    link.replicate(lanes.entries, entry(1), STREAM);
    await settled();
    expect([link.isOpen, channels[lanes.entries]?.heard[0]]).toEqual([false, proof]);
    expect(typesHeard(lanes.bulk)).toEqual([]);
  });

  it.each([
    ['an entry', lanes.entries, [entry(1)]],
    ['an entry on the other lane', lanes.bulk, [entry(1)]],
    ['a hello', lanes.entries, [hello]],
    ['a hello on the other lane', lanes.bulk, [hello]],
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
    say(lanes.entries, hello);
    for (const piece of [first, second]) send(piece);
    expect(ends).toEqual([]);
    await begin();
    for (const piece of [first, second]) send(piece);
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('over the limit of 17408') })]);
  });

  /** As long as one may be that waits, and a byte longer where it is not to be taken. */
  function longHello(): Uint8Array<ArrayBuffer> {
    const journals = Array.from({ length: MAX_HELLO_BYTES / 42 - 1 }, () => journalAt(1));
    return encodeLinkMessage({ type: 'hello', journals });
  }
  const sendPieces = (lane: Lane, record: Uint8Array<ArrayBuffer>) => {
    for (const piece of cutIntoPieces(record)) channels[lane]?.onmessage?.({ data: piece.slice().buffer });
  };

  it('its hello waits, of the greatest size too, so that the quicker of two need not wait for the slower [L6]', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    verification = () => promise;
    say(lanes.entries, proof);
    sendPieces(lanes.entries, longHello());
    await settled();
    expect([ends, told]).toEqual([[], []]);
    resolve(claims);
    await settled();
    expect([told, link.isOpen]).toEqual([[['opened', [1]]], true]);
  });

  it('more than that ends the link, and so does as much on the bulk lane, or before the proof [L6]', async () => {
    verification = () => new Promise(() => {});
    const attempts: [LinkMessage[], Lane, Uint8Array<ArrayBuffer>][] = [
      [[proof], lanes.entries, new Uint8Array(MAX_HELLO_BYTES + 1)],
      [[proof], lanes.bulk, longHello()],
      [[], lanes.entries, longHello()],
    ];
    for (const [first, lane, record] of attempts) {
      await begin();
      verification = () => new Promise(() => {});
      if (first.length > 0) say(lanes.entries, ...first);
      sendPieces(lane, record);
      expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('over the limit') })]);
    }
  });

  it('a hello that is none ends the link when it is read [L6]', async () => {
    say(lanes.entries, proof);
    const data = packBatch([Uint8Array.of(1, 9, 9)]).slice().buffer;
    channels[lanes.entries]?.onmessage?.({ data });
    await settled();
    expect([ends.length, told]).toEqual([1, []]);
  });

  it('its hello waits [L6]', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    verification = () => promise;
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
    link.replicate(lanes.entries, cursor, CONTROL);
    link.replicate(lanes.bulk, entry(1), STREAM);
    expect(lowWatermark()).toBe(atFullPace);
    link.replicate(lanes.entries, entry(1), STREAM);
    expect(lowWatermark()).toBeLessThan(atFullPace / 4);
  });

  it('what it says of itself does not wait for a long entry on the same lane [W8]', async () => {
    const channel = channels[lanes.entries] as FakeChannel;
    channel.bufferedAmount = 1_000_000;
    const long: ReplicationMessage = { ...entry(1), bytes: new Uint8Array(200_000) };
    link.replicate(lanes.entries, long, STREAM);
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

describe('then a link begins with a hello', () => {
  beforeEach(introduced);

  it('on lanes that are negotiated in advance, by number [L10]', () => {
    expect(created).toEqual([
      ['entries', true, 0],
      ['bulk', true, 1],
    ]);
  });

  it('sent once, on the lane of the entries, before anything else, with the cursors [L10]', async () => {
    link.replicate(lanes.bulk, entry(1), STREAM);
    say(lanes.entries, hello);
    link.replicate(lanes.bulk, entry(2), STREAM);
    await turnIsOver();
    expect(channels[lanes.entries]?.heard[1]).toEqual(ownHello);
    expect(typesHeard(lanes.entries)).toEqual(['authenticate', 'hello']);
    expect(channels[lanes.bulk]?.heard).toEqual([entry(2)]);
  });

  it('and opens with the one that comes [L10]', () => {
    say(lanes.entries, hello, entry(1));
    expect(told).toEqual([
      ['opened', [3, 4]],
      ['entry', 1],
    ]);
    expect(link.isOpen).toBe(true);
  });

  it('whichever lane is quicker: what comes on the other one before it waits for it [L10]', () => {
    say(lanes.bulk, entry(1), entry(2));
    expect([told, link.isOpen]).toEqual([[], false]);
    say(lanes.entries, hello, entry(3));
    say(lanes.bulk, entry(4));
    expect(told).toEqual([['opened', [3, 4]], ...[1, 2, 3, 4].map((seq) => ['entry', seq])]);
    expect(ends).toEqual([]);
  });

  it('also where the other side has said all that it has to say before it is heard', async () => {
    say(lanes.bulk, entry(1), { type: 'bye' });
    say(lanes.entries, hello, { type: 'bye' });
    await settled();
    expect(told).toEqual([
      ['opened', [3, 4]],
      ['entry', 1],
    ]);
    expect(typesHeard(lanes.entries)?.at(-1)).toBe('bye');
  });

  it('and of what waits there are at most 256 messages, and no more bytes than one message has [L10]', async () => {
    for (let count = 0; count < 256; count += 1) say(lanes.bulk, entry(1));
    expect(ends).toEqual([]);
    say(lanes.bulk, entry(1));
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('Too much comes before') })]);
    await begin();
    await introduced();
    const half = encodeLinkMessage({
      ...entry(1),
      bytes: new Uint8Array(limits.messageBytes / 2 + 1_024),
    } as LinkMessage);
    const sayHalf = () => {
      for (const piece of cutIntoPieces(half)) channels[lanes.bulk]?.onmessage?.({ data: piece.slice().buffer });
    };
    sayHalf();
    expect(ends).toEqual([]);
    sayHalf();
    expect([ends.length, told]).toEqual([1, []]);
  });

  it.each([
    ['an entry before it', lanes.entries, [entry(1)]],
    ['a cursor before it', lanes.entries, [cursor]],
    ['a deny list before it', lanes.entries, [{ type: 'deny', list: 'x' }]],
    ['a deny list before it on the other lane', lanes.bulk, [{ type: 'deny', list: 'x' }]],
    ['a ping before it', lanes.entries, [{ type: 'ping', nonce: 1 }]],
    ['one on the other lane', lanes.bulk, [hello]],
    ['a second one', lanes.entries, [hello, hello]],
    ['a second proof', lanes.entries, [proof]],
  ] as [string, Lane, LinkMessage[]][])('and %s ends it [L10]', (_, lane, messages) => {
    say(lane, ...messages);
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
    whenClosing = () => link.replicate(lanes.entries, cursor, CONTROL);
    link.replicate(lanes.bulk, entry(1), STREAM);
    link.close();
    await turnIsOver();
    expect(typesHeard(lanes.bulk)).toEqual(['entry', 'bye']);
    expect(typesHeard(lanes.entries)?.slice(2)).toEqual(['cursor', 'bye']);
    say(lanes.entries, entry(9), cursor, { type: 'bye' });
    expect([told.at(-1), isClosed]).toEqual([['cursor', 1], false]);
    say(lanes.bulk, { type: 'bye' });
    expect(ends).toEqual([{ reason: 'both sides said bye.', onPurpose: true, wasOpen: true }]);
    expect([told.some((event) => (event as unknown[])[1] === 9), clock.pendingTimers]).toEqual([false, 0]);
  });

  it('by the wish of the other side answers when what has come is kept, and with how far that is', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    kept = promise;
    whenClosing = () => link.replicate(lanes.entries, cursor, CONTROL);
    say(lanes.entries, entry(1), { type: 'bye' });
    say(lanes.bulk, { type: 'bye' });
    await settled();
    expect(typesHeard(lanes.entries)?.slice(2)).toEqual([]);
    resolve();
    await settled();
    expect(typesHeard(lanes.entries)?.slice(2)).toEqual(['cursor', 'bye']);
    expect(typesHeard(lanes.bulk)).toEqual(['bye']);
  });

  it('because of what no device says of journals', () => {
    whenReplicated = () => {
      throw new MalformedFrameError('It speaks of a stream that nobody knows.');
    };
    say(lanes.entries, entry(1), entry(2));
    expect(told.slice(1)).toEqual([['entry', 1]]);
    expect(ends).toEqual([expect.objectContaining({ reason: expect.stringContaining('broke the protocol') })]);
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
    say(lanes.bulk, { type: 'bye' });
    say(lanes.entries, { type: 'bye' }, cursor, { type: 'bye' });
    expect(told).toEqual([['opened', [3, 4]]]);
    link.drop('again');
    expect([ends.length, clock.pendingTimers]).toEqual([1, 0]);
  });
});

describe('a link that breaks in the moment in which it opens', () => {
  it('leaves no timer behind', async () => {
    const long: ReplicationMessage = {
      type: 'entry',
      stream: 0,
      seq: 1,
      distance: 1,
      ageMs: 0,
      bytes: new Uint8Array(100_000),
    };
    whenOpen = () => link.replicate(lanes.bulk, long, STREAM);
    await introduced();
    for (const channel of channels) channel.broken = true;
    say(lanes.entries, hello);
    expect(ends).toEqual([expect.objectContaining({ onPurpose: false, wasOpen: true })]);
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a link that stands', () => {
  beforeEach(async () => {
    await introduced();
    say(lanes.entries, hello);
    await settled();
    signaled.length = 0;
  });
  const nonce = new Uint8Array(16);

  it('answers an offer to restart ICE that names the same certificate, and leaves any other be [L25]', async () => {
    link.answerRestart({ sdp: 'names another', nonce });
    await settled();
    expect([taken, signaled, link.isOpen]).toEqual([[], [], true]);
    link.answerRestart({ sdp: SAME, nonce });
    await settled();
    expect([taken, signaled, link.isOpen]).toEqual([[SAME], ['answer'], true]);
  });

  it('offers to restart ICE, and takes one answer that names the same certificate [L25]', async () => {
    link.restart();
    await settled();
    expect([signaled, link.isRestarting]).toEqual([['offer'], true]);
    await link.acceptAnswer({ sdp: 'names another', nonce });
    expect([taken, link.isOpen, link.isRestarting]).toEqual([[], true, true]);
    await link.acceptAnswer({ sdp: SAME, nonce });
    await link.acceptAnswer({ sdp: SAME, nonce });
    expect([taken, link.isOpen, link.isRestarting]).toEqual([[SAME], true, false]);
  });

  it('takes no other certificate either when a false offer has crossed its own [L25]', async () => {
    link.restart();
    link.answerRestart({ sdp: 'names another', nonce });
    await settled();
    await link.acceptAnswer({ sdp: 'names another', nonce });
    expect([taken, link.isOpen, link.isRestarting]).toEqual([[], true, true]);
    await link.acceptAnswer({ sdp: SAME, nonce });
    expect(taken).toEqual([SAME]);
  });

  it('takes no answer to its own restart any more when it has answered the other side’s', async () => {
    link.restart();
    link.answerRestart({ sdp: SAME, nonce });
    await settled();
    await link.acceptAnswer({ sdp: SAME, nonce });
    expect([taken, link.isRestarting]).toEqual([[SAME], false]);
  });

  it('gives way to the other side’s restart two seconds after its own, whose offer may be lost', async () => {
    link.restart();
    clock.advance(1_999);
    expect(link.isRestarting).toBe(true);
    clock.advance(1);
    expect(link.isRestarting).toBe(false);
  });
});
