import { FrameWriter, limits, type OutgoingRecord } from '@innmesh/protocol';
import { type BufferedChannel, FlowControl, type Pace } from './flow-control.ts';
import { StreamQueue } from './stream-queue.ts';

/** What the sender needs of an `RTCDataChannel`. */
export type SendChannel = BufferedChannel &
  Pick<RTCDataChannel, 'onbufferedamountlow'> & { send(frame: Uint8Array<ArrayBuffer>): void };

/**
 * Whoever awaits one message after the other sends each in a microtask of its own, and they should share a frame all the
 * same. A frame that is not full leaves when nothing was added for so many microtasks, which take microseconds.
 */
const QUIET_MICROTASKS = 8;

/** Channels copy what they are sent, so that all senders can write their frames in one place. */
const writer = new FrameWriter();

/**
 * Sends records over one channel: short ones share frames, long ones are cut, and what the channel cannot take yet
 * waits. The records of a stream keep their order; streams take turns, frame by frame.
 */
export class RecordSender {
  readonly #channel: SendChannel;
  readonly #flow: FlowControl;
  readonly #failed: (error: unknown) => void;
  /** Those that have something to send, whose turn it is first. */
  #streams: StreamQueue[] = [];
  #last: OutgoingRecord | null = null;
  #waitingBytes = 0;
  #flushIsDue = false;
  #quietMicrotasks = 0;

  /** `failed` is told when the channel takes no more; what waited is lost with it. */
  constructor(channel: SendChannel, failed: (error: unknown) => void, pace?: Pace) {
    this.#channel = channel;
    this.#flow = new FlowControl(channel, pace);
    this.#failed = failed;
    channel.onbufferedamountlow = () => this.resume();
  }

  /** A record in one part or two, which must not change any more. */
  send(streamNumber: number, head: Uint8Array, body: Uint8Array = NOTHING): void {
    this.#streamOf(streamNumber).push(head, body);
    this.#waitingBytes += head.length + body.length;
    while (this.#waitingBytes >= limits.channelFrameBytes && this.#sendFrame());
    this.#flushWhenQuiet();
  }

  /** Goes behind all else; nothing is to be sent after it. */
  sendLast(record: Uint8Array): void {
    this.#last = { head: record, body: NOTHING };
    this.#flushWhenQuiet();
  }

  /** Another channel of the connection has something urgent to send. */
  giveWay(): void {
    this.#flow.giveWay();
  }

  /** Sends what waits, as far as the channel takes it; called when it opens and when it has room again. */
  resume(): void {
    while (this.#sendFrame());
  }

  #streamOf(streamNumber: number): StreamQueue {
    let stream = this.#streams.find(({ number }) => number === streamNumber);
    if (!stream) {
      stream = new StreamQueue(streamNumber);
      this.#streams.push(stream);
    }
    return stream;
  }

  #flushWhenQuiet(): void {
    this.#quietMicrotasks = 0;
    if (this.#flushIsDue) return;
    this.#flushIsDue = true;
    SETTLED.then(this.#flushIfQuiet);
  }

  readonly #flushIfQuiet = (): void => {
    this.#quietMicrotasks += 1;
    if (this.#quietMicrotasks < QUIET_MICROTASKS) {
      SETTLED.then(this.#flushIfQuiet);
      return;
    }
    this.#flushIsDue = false;
    this.resume();
  };

  /** `false` where there is nothing to send, or no room. node-datachannel throws for a channel that has just closed. */
  #sendFrame(): boolean {
    if (!this.#flow.hasRoom || !this.#writeFrame()) return false;
    try {
      this.#channel.send(writer.frame);
      this.#flow.sent(writer.frame.length);
      return true;
    } catch (error) {
      this.#drop();
      this.#failed(error);
      return false;
    }
  }

  #drop(): void {
    this.#streams = [];
    this.#last = null;
    this.#waitingBytes = 0;
  }

  #writeFrame(): boolean {
    const stream = this.#streams.find((each) => this.#mayGoOn(each));
    if (!stream) return this.#writeLast();
    if (stream.isShort) this.#writeBatch(stream);
    else this.#writePiece(stream);
    this.#streams = [...this.#streams.filter((each) => each !== stream), stream].filter(({ first }) => first);
    return true;
  }

  /** The receiver has room for so many long records at once; the next begins when one is done. */
  #mayGoOn(stream: StreamQueue): boolean {
    if (stream.isShort || stream.offset > 0) return true;
    const unfinished = [stream, ...this.#streams.filter(({ offset }) => offset > 0)];
    const unfinishedBytes = unfinished.reduce((sum, { firstBytes }) => sum + firstBytes, 0);
    return unfinished.length <= limits.unfinishedRecords && unfinishedBytes <= limits.unfinishedBytes;
  }

  #writeLast(): boolean {
    if (!this.#last) return false;
    writer.beginBatch();
    writer.add(this.#last);
    this.#last = null;
    return true;
  }

  /** This stream's short records first, then the others'. */
  #writeBatch(stream: StreamQueue): void {
    writer.beginBatch();
    this.#addTo(stream);
    for (const each of this.#streams) this.#addTo(each);
  }

  #addTo(stream: StreamQueue): void {
    while (stream.first && stream.isShort && writer.add(stream.first)) {
      this.#waitingBytes -= stream.firstBytes;
      stream.shift();
    }
  }

  #writePiece(stream: StreamQueue): void {
    const { number, first, offset } = stream;
    stream.offset = writer.cut(number, first as OutgoingRecord, offset, this.#flow.frameBytes);
    this.#waitingBytes -= stream.offset - offset;
    if (stream.offset === stream.firstBytes) stream.shift();
  }
}

const NOTHING = new Uint8Array();
/** To wait for a microtask: Chromium's `queueMicrotask` took 6 % of a sending page's time. */
const SETTLED = Promise.resolve();
