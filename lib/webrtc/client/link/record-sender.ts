import { batchedSize, cutIntoPieces, limits, MAX_BATCHED_BYTES, packBatch } from '@innmesh/protocol';

/** What the sender needs of an `RTCDataChannel`. */
export type SendChannel = Pick<
  RTCDataChannel,
  'bufferedAmount' | 'bufferedAmountLowThreshold' | 'onbufferedamountlow' | 'readyState'
> & { send(frame: Uint8Array<ArrayBuffer>): void };

/**
 * What the channel is given beyond what it has sent; the rest waits here. Chromium stalls for seconds when a new channel
 * is given 256 KiB at once (in 5 of 12 runs; with 128 KiB in none of 32), and more makes it no faster.
 */
const HIGH_WATERMARK_BYTES = 128 * 1024;
/** Where to go on: early enough that the channel never runs dry. */
const LOW_WATERMARK_BYTES = 64 * 1024;

/**
 * Sends records over one channel, in order: those of one turn share frames, long ones are cut, and what the channel
 * cannot take yet waits.
 */
export class RecordSender {
  readonly #channel: SendChannel;
  readonly #failed: (error: unknown) => void;
  #batch: Uint8Array[] = [];
  #batchBytes = 1;
  #flushScheduled = false;
  readonly #waiting: Iterator<Uint8Array<ArrayBuffer>>[] = [];

  /** `failed` is told when the channel takes no more; what waited is lost with it. */
  constructor(channel: SendChannel, failed: (error: unknown) => void) {
    this.#channel = channel;
    this.#failed = failed;
    channel.bufferedAmountLowThreshold = LOW_WATERMARK_BYTES;
    channel.onbufferedamountlow = () => this.resume();
  }

  send(record: Uint8Array): void {
    if (record.length > MAX_BATCHED_BYTES) {
      this.#flush();
      this.#enqueue(cutIntoPieces(record));
      return;
    }
    if (this.#batchBytes + batchedSize(record) > limits.channelFrameBytes) this.#flush();
    this.#batch.push(record);
    this.#batchBytes += batchedSize(record);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    queueMicrotask(() => {
      this.#flushScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#batch.length === 0) return;
    const frame = packBatch(this.#batch);
    this.#batch = [];
    this.#batchBytes = 1;
    this.#enqueue([frame].values());
  }

  #enqueue(frames: Iterator<Uint8Array<ArrayBuffer>>): void {
    this.#waiting.push(frames);
    if (this.#waiting.length === 1) this.resume();
  }

  /** Sends what waits, as far as the channel takes it; called when it opens and when it has room again. */
  resume(): void {
    while (this.#hasRoom()) {
      const next = this.#waiting[0]?.next();
      if (!next) return;
      if (next.done) this.#waiting.shift();
      else this.#sendFrame(next.value);
    }
  }

  /** node-datachannel throws for a channel that has closed and whose event is still on its way. */
  #sendFrame(frame: Uint8Array<ArrayBuffer>): void {
    try {
      this.#channel.send(frame);
    } catch (error) {
      this.#waiting.length = 0;
      this.#failed(error);
    }
  }

  #hasRoom(): boolean {
    return this.#channel.readyState === 'open' && this.#channel.bufferedAmount < HIGH_WATERMARK_BYTES;
  }
}
