import { limits } from '@innmesh/protocol';

/** What flow control needs of an `RTCDataChannel`. */
export type BufferedChannel = Pick<RTCDataChannel, 'bufferedAmount' | 'bufferedAmountLowThreshold' | 'readyState'>;

export interface Pace {
  /** The channel is given no more while it has this much unsent. */
  highWatermarkBytes: number;
  /** Where to go on: early enough that the channel never runs dry. */
  lowWatermarkBytes: number;
  /** The longest piece of a record. */
  frameBytes: number;
}

/**
 * Chromium stalls for seconds when a new channel is given 256 KiB at once (in 5 of 12 runs; with 128 KiB in none of 32),
 * and more makes it no faster.
 */
const FULL: Pace = {
  highWatermarkBytes: 128 * 1024,
  lowWatermarkBytes: 64 * 1024,
  frameBytes: limits.channelFrameBytes,
};
/**
 * All channels of a connection share its way, and what one of them has under way is ahead of the others. An order took
 * 20 times as long beside a channel at full pace, and 2.7 times as long beside this one, which is a fifth slower.
 */
const YIELDING: Pace = { highWatermarkBytes: 16 * 1024, lowWatermarkBytes: 8 * 1024, frameBytes: 8 * 1024 };
/** For so much a channel yields: where one order was, another follows within a second or so. */
const YIELDING_BYTES = 8 * 1024 * 1024;

/** How much one channel is given at a time. */
export class FlowControl {
  readonly #channel: BufferedChannel;
  readonly #fullPace: Pace;
  #pace: Pace;
  #yieldingBytes = 0;

  constructor(channel: BufferedChannel, fullPace = FULL) {
    this.#channel = channel;
    this.#fullPace = fullPace;
    this.#pace = fullPace;
    this.#keepTo(fullPace);
  }

  get hasRoom(): boolean {
    return this.#channel.readyState === 'open' && this.#channel.bufferedAmount < this.#pace.highWatermarkBytes;
  }

  get frameBytes(): number {
    return this.#pace.frameBytes;
  }

  /** Another channel of the connection has something urgent to send. */
  giveWay(): void {
    this.#yieldingBytes = YIELDING_BYTES;
    if (this.#pace !== YIELDING) this.#keepTo(YIELDING);
  }

  sent(bytes: number): void {
    this.#yieldingBytes -= bytes;
    if (this.#pace === YIELDING && this.#yieldingBytes <= 0) this.#keepTo(this.#fullPace);
  }

  #keepTo(pace: Pace): void {
    this.#pace = pace;
    this.#channel.bufferedAmountLowThreshold = pace.lowWatermarkBytes;
  }
}
