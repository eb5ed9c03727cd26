import { limits, MAX_BATCHED_BYTES, RecordAssembler } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { RecordSender, type SendChannel } from './record-sender.ts';

type Frame = Uint8Array<ArrayBuffer>;

const KIB = 1024;
const STREAM = 1;
const OTHER_STREAM = 2;
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
    this.sent.push(frame.slice());
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
const turnIsOver = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What the other side makes of the frames: each record by its first byte and its length. */
function read(frames: readonly Frame[]): [fill: number, length: number][] {
  const assembler = new RecordAssembler(limits.unfinishedBytes);
  return frames.flatMap((frame) => assembler.receive(frame)).map((each) => [each[0] ?? -1, each.length]);
}

describe('the records of one turn', () => {
  it('share one frame, which is sent when the turn is over', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 50; fill++) sender.send(STREAM, record(100, fill));
    expect(channel.sent).toEqual([]);
    await turnIsOver();
    expect(channel.sent).toHaveLength(1);
    expect(read(channel.sent)).toEqual(Array.from({ length: 50 }, (_, index) => [index + 1, 100]));
  });

  it('take as few frames of at most 16 KiB as hold them', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 33; fill++) sender.send(STREAM, record(1_000, fill));
    await turnIsOver();
    expect(channel.sent).toHaveLength(3);
    for (const { length } of channel.sent) expect(length).toBeLessThanOrEqual(16 * KIB);
    expect(read(channel.sent).map(([fill]) => fill)).toEqual(Array.from({ length: 33 }, (_, index) => index + 1));
  });

  it('keep their order around one that is too long for a frame', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(10, 1));
    sender.send(STREAM, record(MAX_BATCHED_BYTES, 2));
    sender.send(STREAM, record(MAX_BATCHED_BYTES + 1, 3));
    sender.send(STREAM, record(10, 4));
    sender.send(STREAM, record(50 * KIB, 5));
    sender.send(STREAM, record(10, 6));
    await turnIsOver();
    expect(read(channel.sent).map(([fill]) => fill)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const { length } of channel.sent) expect(length).toBeLessThanOrEqual(16 * KIB);
  });
});

describe('a channel that is not open', () => {
  it('is sent nothing until it is, and then everything in order', async () => {
    const { channel, sender } = setUp();
    channel.readyState = 'connecting';
    sender.send(STREAM, record(10, 1));
    await turnIsOver();
    sender.send(STREAM, record(40 * KIB, 2));
    sender.send(STREAM, record(10, 3));
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
    sender.send(STREAM, record(10));
    await turnIsOver();
    expect([channel.sent, failures]).toEqual([[], []]);
  });
});

describe('a channel whose buffer is full', () => {
  it('never holds more than 128 KiB and one frame', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 10; fill++) sender.send(STREAM, record(200 * KIB, fill));
    for (let rounds = 0; rounds < 50; rounds++) channel.drainTo(LOW_BYTES);
    await turnIsOver();
    expect(read(channel.sent)).toHaveLength(10);
    expect(channel.mostBuffered).toBeGreaterThanOrEqual(HIGH_BYTES);
    expect(channel.mostBuffered).toBeLessThan(HIGH_BYTES + limits.channelFrameBytes);
  });

  it('is sent more when it has drained to 64 KiB, and not before', () => {
    const { channel, sender } = setUp();
    expect(channel.bufferedAmountLowThreshold).toBe(LOW_BYTES);
    sender.send(STREAM, record(1_000 * KIB));
    const sentAtFirst = channel.sent.length;
    expect(sentAtFirst).toBe(HIGH_BYTES / limits.channelFrameBytes);
    sender.send(STREAM, record(20 * KIB));
    expect(channel.sent).toHaveLength(sentAtFirst);
    channel.drainTo(LOW_BYTES);
    expect(channel.bufferedAmount).toBeGreaterThanOrEqual(HIGH_BYTES);
    expect(channel.sent.length).toBeGreaterThan(sentAtFirst);
  });

  it('makes what is batched meanwhile wait its turn', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(HIGH_BYTES + 40 * KIB, 1));
    sender.send(STREAM, record(10, 2));
    await turnIsOver();
    expect(read(channel.sent)).toEqual([]);
    channel.drainTo(0);
    expect(read(channel.sent).map(([fill]) => fill)).toEqual([1, 2]);
  });
});

/** What each frame is: the first byte of each record of a batch, or the stream of a piece. */
const kindsOf = (frames: readonly Frame[]) =>
  frames.map((frame) => (frame[0] === 0 ? read([frame]).map(([fill]) => fill) : `piece of ${frame[1]}`));

describe('records sent one by one, each in a microtask of its own', () => {
  it('share a frame', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 50; fill++) {
      sender.send(STREAM, record(100, fill));
      for (let hops = 0; hops < 6; hops++) await null;
    }
    await turnIsOver();
    expect(channel.sent).toHaveLength(1);
  });

  it('leave when a frame is full, however long it goes on', async () => {
    const { channel, sender } = setUp();
    for (let fill = 1; fill <= 50; fill++) {
      sender.send(STREAM, record(1_000, fill));
      await null;
    }
    expect(channel.sent.map(({ length }) => length > 15 * KIB)).toEqual([true, true, true]);
  });
});

describe('a record in two parts', () => {
  it('arrives as one, short or long', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(2, 1), record(10, 7));
    sender.send(STREAM, record(2, 2), record(40 * KIB, 7));
    await turnIsOver();
    expect(read(channel.sent)).toEqual([
      [1, 12],
      [2, 40 * KIB + 2],
    ]);
  });
});

describe('streams', () => {
  it('of long records take turns, so that a short document is not stuck behind a long one', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(1_000 * KIB, 1));
    sender.send(OTHER_STREAM, record(100 * KIB, 2));
    for (let rounds = 0; rounds < 30; rounds++) channel.drainTo(0);
    await turnIsOver();
    expect(read(channel.sent).map(([fill]) => fill)).toEqual([2, 1]);
  });

  it("let a short record pass by another one's long record, behind one piece of it at most", async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(1_000 * KIB, 1));
    sender.send(OTHER_STREAM, record(10, 2));
    sender.send(OTHER_STREAM, record(10, 3));
    channel.drainTo(LOW_BYTES);
    expect(kindsOf(channel.sent).slice(8, 10)).toEqual(['piece of 1', [2, 3]]);
  });

  it('share a frame with their short records', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(10, 1));
    sender.send(OTHER_STREAM, record(10, 2));
    await turnIsOver();
    expect(kindsOf(channel.sent)).toEqual([[1, 2]]);
  });

  it('keep their own order, whatever they take turns with [W8]', async () => {
    const { channel, sender } = setUp();
    const lengths = [10, 50 * KIB, 10, 16 * KIB - 4, 200 * KIB, 10, 10];
    for (const [index, length] of lengths.entries()) {
      sender.send(STREAM, record(length, index));
      sender.send(OTHER_STREAM, record(length, 100 + index));
    }
    for (let rounds = 0; rounds < 20; rounds++) channel.drainTo(LOW_BYTES);
    await turnIsOver();
    const fills = read(channel.sent).map(([fill]) => fill);
    expect(fills.filter((fill) => fill < 100)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(fills.filter((fill) => fill >= 100)).toEqual([100, 101, 102, 103, 104, 105, 106]);
  });

  it('wait for their turn where the receiver has no room for a further long record, and then go on', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(64 * KIB * KIB, 1));
    for (let stream = 2; stream <= 5; stream++) sender.send(stream, record(1.5 * KIB * KIB, stream));
    for (let stream = 6; stream <= 14; stream++) sender.send(stream, record(17 * KIB, stream));
    for (let rounds = 0; rounds < 1_200; rounds++) channel.drainTo(LOW_BYTES);
    await turnIsOver();
    expect(read(channel.sent)).toHaveLength(14);
  });

  it('are followed by the last record, whenever that was sent [W8]', async () => {
    const { channel, sender } = setUp();
    sender.send(STREAM, record(300 * KIB, 1));
    sender.sendLast(record(10, 9));
    sender.send(OTHER_STREAM, record(10, 2));
    for (let rounds = 0; rounds < 10; rounds++) channel.drainTo(LOW_BYTES);
    await turnIsOver();
    expect(read(channel.sent).map(([fill]) => fill)).toEqual([2, 1, 9]);
  });
});

describe('a record of 64 MiB', () => {
  it('is cut as the channel takes it, without a copy of it or of its frames', async () => {
    const { channel, sender } = setUp();
    const body = new Uint8Array(limits.messageBytes);
    const before = process.memoryUsage().arrayBuffers;
    sender.send(STREAM, record(4), body);
    channel.drainTo(0);
    expect(channel.sent).toHaveLength(16);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * KIB * KIB);
  });
});

describe('a channel that throws', () => {
  it('is reported once, and what waited is dropped', async () => {
    const { channel, failures, sender } = setUp();
    sender.send(STREAM, record(600 * KIB));
    sender.send(STREAM, record(10));
    await turnIsOver();
    channel.broken = true;
    channel.drainTo(0);
    expect(failures).toEqual([new Error('it is closed')]);
    channel.drainTo(0);
    sender.resume();
    expect(failures).toHaveLength(1);
  });
});
