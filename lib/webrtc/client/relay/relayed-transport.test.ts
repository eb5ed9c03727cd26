import { ManualClock } from '@innmesh/kit';
import { contentKinds, limits, partKind, readRelayedDescription, writeRelayedDescription } from '@innmesh/protocol';
import { describe, expect, it, vi } from 'vitest';
import { type Lane, lanes, WebRtcTransport } from '../link/transport.ts';
import { type Bytes, loadSealing } from './sealing.ts';
import { softwareSealing } from './software-sealing.ts';
import { openWithHostile } from './test-support/hostile-end.ts';
import { createPair, type FakeEnd, openPair } from './test-support/relayed-pair.ts';

const KIB = 1024;
const record = (fill: number, length = 300): Bytes => new Uint8Array(length).fill(fill);
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 1 });
const heard = (end: FakeEnd, lane: Lane, ...fills: number[]) => until(() => expect(end.heard(lane)).toEqual(fills));
const ended = (end: FakeEnd, reason: RegExp) =>
  until(() => expect(end.reasons).toEqual([expect.stringMatching(reason)]));

describe('two ends', () => {
  it('say to each other what the server that hands it on cannot read [F2]', async () => {
    const { offerer, answerer, server } = await openPair();
    offerer.transport.send(lanes.entries, record(1));
    answerer.transport.send(lanes.bulk, record(2), record(3));
    await heard(answerer, lanes.entries, 1);
    await heard(offerer, lanes.bulk, 2);
    expect([offerer.isOpen, answerer.isOpen]).toEqual([true, true]);
    const frames = [...server.sent.offerer, ...server.sent.answerer];
    for (const frame of frames)
      expect(Buffer.from(frame).includes(Buffer.alloc(4, frame === frames[0] ? 1 : 2))).toBe(false);
  });

  it('have new keys for each attempt', async () => {
    const { offerer } = createPair();
    expect(await offerer.transport.offer()).toBe(await offerer.transport.offer());
    expect(await offerer.transport.offer()).not.toBe(await createPair().offerer.transport.offer());
  });

  it('understand each other where one of them has no WebCrypto [F3]', async () => {
    for (const side of ['offerer', 'answerer'] as const) {
      const { offerer, answerer } = await openPair({ [side]: { loadSealing: async () => softwareSealing } });
      offerer.transport.send(lanes.entries, record(1));
      answerer.transport.send(lanes.entries, record(2));
      await heard(answerer, lanes.entries, 1);
      await heard(offerer, lanes.entries, 2);
    }
  });

  it('send in frames that a server takes, however long a record is, and put it together again [F5]', async () => {
    const { offerer, answerer, server } = await openPair();
    const lengths = [limits.channelFrameBytes - 4, limits.channelFrameBytes - 3, 100_000];
    answerer.transport.allowLongRecords();
    for (const length of lengths) offerer.transport.send(lanes.entries, record(1, length));
    await until(() => expect(answerer.records.map(([, { length }]) => length)).toEqual(lengths));
    const longest = Math.max(...server.sent.offerer.map(({ length }) => length));
    expect(longest).toBeLessThanOrEqual(limits.signalingFrameBytes - 32);
  });

  it('keep what a stranger sends within bounds [L6]', async () => {
    const { offerer, answerer } = await openPair();
    offerer.transport.send(lanes.bulk, record(1, 20 * KIB));
    await ended(answerer, /broke the protocol: A record of 20480 bytes is over the limit/);
  });

  it('take a long hello of one that has shown itself, and nothing as long on the other lane [L6]', async () => {
    const { offerer, answerer } = await openPair();
    answerer.transport.allowLongRecords('hello');
    offerer.transport.send(lanes.entries, record(1, 300 * KIB));
    await heard(answerer, lanes.entries, 1);
    offerer.transport.send(lanes.bulk, record(1, 20 * KIB));
    await ended(answerer, /broke the protocol: A record of 20480 bytes is over the limit/);
  });

  it('tell each other when they close', async () => {
    const { offerer, answerer } = await openPair();
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1);
    offerer.transport.close('it is over.');
    await ended(answerer, /^the other side closed it\.$/);
    expect([offerer.reasons, offerer.hasEnded, answerer.hasEnded]).toEqual([['it is over.'], true, true]);
  });

  it('count what crosses', async () => {
    const { offerer, answerer } = await openPair();
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1);
    const [sent] = [...(await offerer.transport.stats()).values()];
    const [received] = [...(await answerer.transport.stats()).values()];
    expect(sent.bytesSent).toBeGreaterThan(300);
    expect(received.bytesReceived).toBe(sent.bytesSent);
  });
});

describe('a frame ends the link, and nothing of it or behind it is taken, when it is', () => {
  const flipped = (frame: Bytes, at: number) => frame.map((byte, index) => (index === at ? byte ^ 1 : byte));
  const cases: [what: string, handOn: (frame: Bytes, number: number, before: Bytes | undefined) => Bytes[]][] = [
    ['changed', (frame, number) => [number === 1 ? flipped(frame, 3) : frame]],
    ['changed in its last byte', (frame, number) => [number === 1 ? flipped(frame, frame.length - 1) : frame]],
    ['cut', (frame, number) => [number === 1 ? frame.slice(0, -1) : frame]],
    ['empty', (frame, number) => [number === 1 ? new Uint8Array() : frame]],
    ['repeated', (frame, number) => (number === 0 ? [frame, frame] : [frame])],
    ['left out', (frame, number) => (number === 1 ? [] : [frame])],
    [
      'out of its turn',
      (frame, number, before) => (number === 1 ? [] : number === 2 && before ? [frame, before] : [frame]),
    ],
  ];
  it.each(cases)('%s [F3]', async (_, handOn) => {
    const { offerer, answerer, server } = await openPair();
    server.handOn = (frame, from, number) => handOn(frame, number, server.sent[from][number - 1]);
    for (const fill of [1, 2, 3]) {
      offerer.transport.send(lanes.entries, record(fill));
      await until(() => expect(server.sent.offerer.length >= fill || answerer.hasEnded).toBe(true));
    }
    await ended(answerer, /^a frame does not open: it was changed, lost, repeated or out of order on its way\.$/);
    expect(answerer.heard(lanes.entries)).toEqual([1]);
  });

  it('the receiver’s own, sent back to it [F3]', async () => {
    const { offerer, answerer } = await openPair({ offerer: { send: (frame) => offerer.transport.receive(frame) } });
    offerer.transport.send(lanes.entries, record(1));
    await ended(offerer, /does not open/);
    expect(answerer.records).toEqual([]);
  });

  it('of another attempt, by the same keys [F3]', async () => {
    const { offerer, answerer } = await openPair({ answerer: { attempt: 8 } });
    offerer.transport.send(lanes.entries, record(1));
    await ended(answerer, /does not open/);
  });

  it('sealed for another key, which the server has put in the place of one [F3]', async () => {
    const { offerer, answerer } = createPair();
    await answerer.transport.answer(await offerer.transport.offer());
    answerer.transport.trickle();
    const { publicKey } = await (await loadSealing()).createKey();
    await offerer.transport.acceptAnswer(writeRelayedDescription(publicKey));
    offerer.transport.send(lanes.entries, record(1));
    await ended(answerer, /does not open/);
  });

  it('before or behind another one than it was sent', async () => {
    const { offerer, answerer } = await openPair();
    offerer.transport.close('it is over.');
    offerer.transport.receive(record(1));
    offerer.transport.send(lanes.entries, record(1));
    await ended(answerer, /closed it/);
    expect([offerer.reasons, answerer.records]).toEqual([['it is over.'], []]);
  });
});

describe('a device at the other end ends the link when it', () => {
  it.each<[string, Parameters<Awaited<ReturnType<typeof openWithHostile>>['say']>[0][], RegExp]>([
    ['says what no frame says', [{ kind: 6 }], /No sealed frame has the kind 6/],
    ['leaves a part out', [{ kind: contentKinds.firstLane }], /a part where none belongs, or none/],
    ['puts a part where none belongs', [{ part: record(1) }], /a part where none belongs, or none/],
    ['sends longer parts', [{ kind: partKind(0, true), part: record(1, 8 * KIB + 1) }], /A part of 8193 bytes/],
    [
      'sends a frame in three parts',
      [1, 2].map(() => ({ kind: partKind(0, false), part: record(1) })),
      /A frame in more than two parts/,
    ],
    ['has taken what was never sent', [{ takenBytes: 1 }], /It has taken more than was sent/],
    ['says no channel frame', [{ kind: partKind(1, true), part: record(9) }], /No channel frame begins with 9/],
  ])('%s [F5]', async (_, contents, problem) => {
    const { victim, say } = await openWithHostile();
    for (const content of contents) await say(content);
    await ended(victim, problem);
    expect(victim.reasons[0]).toMatch(/^the other side broke the protocol: /);
  });
});

describe('of what the other end has not taken', () => {
  const long = (fill: number) => record(fill, 1024 * KIB);

  it('no more than 64 KiB are ever under way, and half of that of a long transfer [F6]', async () => {
    for (const [lane, windowBytes] of [
      [lanes.entries, 64 * KIB],
      [lanes.bulk, 32 * KIB],
    ] as const) {
      const { offerer, answerer, server } = await openPair();
      answerer.transport.allowLongRecords();
      offerer.transport.send(lane, long(1));
      await heard(answerer, lane, 1);
      expect(server.mostHeldBytes).toBeLessThanOrEqual(windowBytes);
      expect(server.mostHeldBytes).toBeGreaterThan(windowBytes / 2);
    }
  });

  it('no more than that is taken from a device that does not keep to it [F6]', async () => {
    const { victim, heard: confirmations, say } = await openWithHostile();
    // Confirmations wait for the server, too.
    victim.bufferedBytes = 1024 * KIB;
    const part = Uint8Array.of(0, ...record(0, 8 * KIB - 1));
    for (let sentBytes = 0; sentBytes <= 64 * KIB; sentBytes += part.length)
      await say({ kind: partKind(0, true), part });
    await ended(victim, /More is under way than may be/);
    expect(confirmations.length).toBeLessThanOrEqual(1);
  });

  it('no more than a window is kept while it cannot be opened yet [F6]', async () => {
    const { offerer } = createPair();
    await offerer.transport.offer();
    for (let frames = 0; frames < 5; frames++) offerer.transport.receive(record(1, 16 * KIB));
    expect(offerer.reasons).toEqual([]);
    offerer.transport.receive(record(1, 1));
    await ended(offerer, /more is under way than it may be/);
  });

  it('a long transfer of 5 MB lets an order pass, which has next to nothing ahead of it [F6]', async () => {
    const { offerer, answerer, server } = await openPair();
    answerer.transport.allowLongRecords();
    offerer.transport.send(lanes.bulk, record(9, 5_000_000));
    await until(() => expect(server.sent.offerer.length).toBeGreaterThan(50));
    const sentBefore = server.sent.offerer.length;
    const heldBefore = server.heldBytes('offerer');
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1);
    const order = server.sent.offerer.findIndex(({ length }, number) => number >= sentBefore && length < KIB);
    expect(order - sentBefore).toBeLessThan(6);
    expect(heldBefore).toBeLessThanOrEqual(32 * KIB);
    expect(answerer.heard(lanes.bulk)).toEqual([]);
    await heard(answerer, lanes.bulk, 9);
  });
});

describe('an end keeps to what the server has told it', () => {
  const RATE = { burstBytes: 256 * KIB, bytesPerSecond: 64 * KIB };
  /** As the server counts them. */
  const counted = (frames: Bytes[]) => frames.reduce((sum, { length }) => sum + length + 256, 0);

  async function paced() {
    const clock = new ManualClock();
    const pair = await openPair({ clock });
    pair.offerer.pace.keepTo(RATE);
    pair.answerer.transport.allowLongRecords();
    const stalled = async () => {
      let before = -1;
      await until(() => {
        const now = pair.server.sent.offerer.length + pair.server.heldBytes('offerer') + clock.pendingTimers;
        const isSame = now === before && clock.pendingTimers > 0;
        before = now;
        expect(isSame).toBe(true);
      });
    };
    return { ...pair, clock, stalled };
  }

  it('sends half a burst and then at the rate, with something left for an order [F7]', async () => {
    const { offerer, answerer, server, clock, stalled } = await paced();
    offerer.transport.send(lanes.bulk, record(9, 1024 * KIB));
    await stalled();
    expect(counted(server.sent.offerer)).toBeLessThanOrEqual(96 * KIB);
    expect(counted(server.sent.offerer)).toBeGreaterThan(80 * KIB);
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1);
    const beforeBytes = counted(server.sent.offerer);
    for (let passedMs = 0; passedMs < 4_000; passedMs += 100) {
      clock.advance(100);
      await stalled();
    }
    const sentBytes = counted(server.sent.offerer) - beforeBytes;
    expect(sentBytes).toBeLessThanOrEqual(4 * 64 * KIB + 32 * KIB);
    expect(sentBytes).toBeGreaterThan(3 * 64 * KIB);
  });

  it('sends nothing while it is to pause [F7]', async () => {
    const { offerer, answerer, server, clock, stalled } = await paced();
    offerer.pace.pause(1_000);
    offerer.transport.send(lanes.entries, record(1));
    await stalled();
    clock.advance(999);
    await stalled();
    expect(server.sent.offerer).toEqual([]);
    clock.advance(1);
    await heard(answerer, lanes.entries, 1);
  });

  it('sends nothing, urgent or not, that would wait long in its own socket', async () => {
    const { offerer, answerer, server, clock, stalled } = await paced();
    offerer.bufferedBytes = 9 * KIB;
    offerer.transport.send(lanes.bulk, record(9, 20 * KIB));
    await stalled();
    expect(server.sent.offerer).toEqual([]);
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1);
    offerer.bufferedBytes = 0;
    clock.advance(5);
    await heard(answerer, lanes.bulk, 9);
  });

  it('ends when the server is gone', async () => {
    const { offerer } = await openPair();
    offerer.bufferedBytes = null;
    offerer.transport.send(lanes.entries, record(1));
    await ended(offerer, /^the signaling server is out of reach\.$/);
  });

  it('ends when a frame was dropped, and says why [F8]', async () => {
    for (const [reason, words] of [
      ['off', /hands on no frames between devices/],
      ['rate', /no more frames at this rate/],
      ['slow-receiver', /the other device does not read/],
    ] as const) {
      const { offerer } = await openPair();
      offerer.transport.undelivered(reason);
      await ended(offerer, words);
    }
  });

  it('makes no offer and no answer where the server hands nothing on [F9]', async () => {
    const { offerer, answerer } = createPair();
    const offer = await offerer.transport.offer();
    answerer.pace.keepTo(null);
    await expect(answerer.transport.answer(offer)).rejects.toThrow('hands on no frames between devices');
  });
});

describe('a description', () => {
  const SDP = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\na=fingerprint:sha-256 AA:BB\r\nm=application 9\r\n';
  const connection = () => new WebRtcTransport({} as RTCPeerConnection);

  it('for a connection is refused by a relayed end, and the other way round [F1]', async () => {
    const { offerer, answerer } = createPair();
    const relayed = await offerer.transport.offer();
    await expect(answerer.transport.answer(SDP)).rejects.toThrow('no description of a link through the signaling');
    await expect(offerer.transport.acceptAnswer(SDP)).rejects.toThrow('no description of a link through');
    await expect(connection().answer(relayed)).rejects.toThrow('It is for a link through the signaling server');
    await expect(connection().acceptAnswer(relayed)).rejects.toThrow('It is for a link through the signaling server');
  });

  it('with a key that is no point of the curve is refused [F3]', async () => {
    const offTheCurve = writeRelayedDescription(new Uint8Array(65).fill(4));
    for (const sealing of [loadSealing, async () => softwareSealing]) {
      const { answerer } = createPair({ answerer: { loadSealing: sealing } });
      await expect(answerer.transport.answer(offTheCurve)).rejects.toThrow();
    }
  });

  it('that comes again, or another in its place, does not have the keys used anew [F3]', async () => {
    const { offerer, answerer, server } = createPair();
    const offer = await offerer.transport.offer();
    const answer = await answerer.transport.answer(offer);
    answerer.transport.trickle();
    await offerer.transport.acceptAnswer(answer);
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1);
    await offerer.transport.acceptAnswer(answer);
    const another = writeRelayedDescription((await (await loadSealing()).createKey()).publicKey);
    await expect(offerer.transport.acceptAnswer(another)).rejects.toThrow('The keys have been agreed on');
    await expect(answerer.transport.answer(offer)).rejects.toThrow('The keys have been agreed on');
    await expect(offerer.transport.restart()).rejects.toThrow('but one way');
    offerer.transport.send(lanes.entries, record(1));
    await heard(answerer, lanes.entries, 1, 1);
    const [first, second] = server.sent.offerer;
    expect(second).not.toEqual(first);
  });

  it('has its key in full, and nothing beside it [F1]', async () => {
    const sdp = await createPair().offerer.transport.offer();
    expect(writeRelayedDescription(readRelayedDescription(sdp))).toBe(sdp);
    for (const other of [
      `${sdp}a=fingerprint:p-256 AA\r\n`,
      sdp.toLowerCase(),
      sdp.slice(0, -4),
      sdp.replace('04', '0G'),
    ]) {
      expect(() => readRelayedDescription(other)).toThrow('no description of a link');
    }
  });
});
