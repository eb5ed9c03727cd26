import { limits, MAX_BATCHED_BYTES, RecordAssembler } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { RecordSender, type SendChannel } from './record-sender.ts';

type Frame = Uint8Array<ArrayBuffer>;

const KIB = 1024;
const HIGH_BYTES = 128 * KIB;
const LOW_BYTES = 64 * KIB;

/** Takes everything, and lets go of it when told to. */
class FakeChannel implements SendChannel {
  readyState: RTCDataChannelState = 'open';
  bufferedAmountLowThreshold = 0;
  onbufferedamountlow: SendChannel['onbufferedamountlow'] = null;
  readonly sent: Frame[] = [];
  bufferedAmount = 0;
  mostBuffered = 0;
  broken = false;
  send(frame: Frame): void {
    if (this.broken) throw new Error('it is closed');
    this.sent.push(frame);
    this.bufferedAmount += frame.length;
    this.mostBuffered = Math.max(this.mostBuffered, this.bufferedAmount);
  }
  drainTo(bytes: number): void {
    this.bufferedAmount = bytes;
    this.onbufferedamountlow?.call(this as never, new Event('bufferedamountlow'));
  }
}

function setUp() {
  const channel = new FakeChannel();
  const failures: unknown[] = [];
  return { channel, failures, sender: new RecordSender(channel, (error) => failures.push(error)) };
}

const record = (length: number, fill = 1): Frame => new Uint8Array(length).fill(fill);
const turnIsOver = () => Promise.resolve();

/** What the other side makes of the frames: each record by its first byte and its length. */
function read(frames: readonly Frame[]): [fill: number, length: number][] {
  const assembler = new RecordAssembler(limits.messageBytes);
  return frames.flatMap((frame) => assembler.receive(frame)).map((each) => [each[0] ?? -1, each.length]);
}

describe('the records of one turn', () => {
  it('share one frame, which is sent when the turn is over', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 50; fill++) sender.send(record(100, fill));
    expect(channel.sent).toEqual([]);
    await turnIsOver();
    expect(channel.sent).toHaveLength(1);
    expect(read(channel.sent)).toEqual(Array.from({ length: 50 }, (_, index) => [index + 1, 100]));
  });

  it('take as few frames of at most 16 KiB as hold them', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 33; fill++) sender.send(record(1_000, fill));
    await turnIsOver();
    expect(channel.sent).toHaveLength(3);
    for (const { length } of channel.sent) expect(length).toBeLessThanOrEqual(16 * KIB);
    expect(read(channel.sent).map(([fill]) => fill)).toEqual(Array.from({ length: 33 }, (_, index) => index + 1));
  });

  it('keep their order around one that is too long for a frame', async () => {
    const { channel, sender } = setUp();
    sender.send(record(10, 1));
    sender.send(record(MAX_BATCHED_BYTES, 2));
    sender.send(record(MAX_BATCHED_BYTES + 1, 3));
    sender.send(record(10, 4));
    sender.send(record(50 * KIB, 5));
    sender.send(record(10, 6));
    await turnIsOver();
    expect(read(channel.sent).map(([fill]) => fill)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { length } of channel.sent) expect(length).toBeLessThanOrEqual(16 * KIB);
  });
});

describe('a channel that is not open', () => {
  it('is sent nothing until it is, and then everything in order', async () => {
    const { channel, sender } = setUp();
    channel.readyState = 'connecting';
    sender.send(record(10, 1));
    await turnIsOver();
    sender.send(record(40 * KIB, 2));
    sender.send(record(10, 3));
    await turnIsOver();
    expect(channel.sent).toEqual([]);
    channel.readyState = 'open';
    sender.resume();
    expect(read(channel.sent)).toEqual([
      [1, 10],
      [2, 40 * KIB],
      [3, 10],
    ]);
  });

  it('is sent nothing any more once it has closed', async () => {
    const { channel, failures, sender } = setUp();
    channel.readyState = 'closed';
    sender.send(record(10));
    await turnIsOver();
    expect([channel.sent, failures]).toEqual([[], []]);
  });
});

describe('a channel whose buffer is full', () => {
  it('never holds more than 128 KiB and one frame', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 10; fill++) sender.send(record(200 * KIB, fill));
    for (let rounds = 0; rounds < 50; rounds++) channel.drainTo(LOW_BYTES);
    await turnIsOver();
    expect(read(channel.sent)).toHaveLength(10);
    expect(channel.mostBuffered).toBeGreaterThanOrEqual(HIGH_BYTES);
    expect(channel.mostBuffered).toBeLessThan(HIGH_BYTES + limits.channelFrameBytes);
  });

  it('is sent more when it has drained to 64 KiB, and not before', () => {
    const { channel, sender } = setUp();
    expect(channel.bufferedAmountLowThreshold).toBe(LOW_BYTES);
    sender.send(record(1_000 * KIB));
    const sentAtFirst = channel.sent.length;
    expect(sentAtFirst).toBe(HIGH_BYTES / limits.channelFrameBytes);
    sender.send(record(20 * KIB));
    expect(channel.sent).toHaveLength(sentAtFirst);
    channel.drainTo(LOW_BYTES);
    expect(channel.bufferedAmount).toBeGreaterThanOrEqual(HIGH_BYTES);
    expect(channel.sent.length).toBeGreaterThan(sentAtFirst);
  });

  it('makes what is batched meanwhile wait its turn', async () => {
    const { channel, sender } = setUp();
    sender.send(record(HIGH_BYTES + 40 * KIB, 1));
    sender.send(record(10, 2));
    await turnIsOver();
    expect(read(channel.sent)).toEqual([]);
    channel.drainTo(0);
    expect(read(channel.sent).map(([fill]) => fill)).toEqual([1, 2]);
  });
});

describe('a channel that throws', () => {
  it('is reported once, and what waited is dropped', async () => {
    const { channel, failures, sender } = setUp();
    sender.send(record(600 * KIB));
    sender.send(record(10));
    await turnIsOver();
    channel.broken = true;
    channel.drainTo(0);
    expect(failures).toEqual([new Error('it is closed')]);
    channel.drainTo(0);
    sender.resume();
    expect(failures).toHaveLength(1);
  });
});
