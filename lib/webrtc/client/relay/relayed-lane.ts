import { limits } from '@innmesh/protocol';
import type { Pace } from '../link/flow-control.ts';
import type { SendChannel } from '../link/record-sender.ts';
import type { Bytes } from './sealing.ts';

/** One frame at a time: what waits behind it shares the next one, and whatever is more urgent comes between. */
export const LANE_PACE: Pace = {
  highWatermarkBytes: 1,
  lowWatermarkBytes: 0,
  frameBytes: limits.sealedPartBytes,
};

/** One lane of a relayed link, as a channel for its records: cut into parts that wait until they are taken. */
export class RelayedLane implements SendChannel {
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onbufferedamountlow: SendChannel['onbufferedamountlow'] = null;
  readonly #parts: Bytes[] = [];
  readonly #filled: () => void;

  /** `filled`: there is something to take. */
  constructor(filled: () => void) {
    this.#filled = filled;
  }

  send(frame: Bytes): void {
    for (let offset = 0; offset < frame.length; offset += limits.sealedPartBytes) {
      this.#parts.push(frame.slice(offset, offset + limits.sealedPartBytes));
    }
    this.bufferedAmount += frame.length;
    this.#filled();
  }

  get nextBytes(): number {
    return this.#parts[0]?.length ?? 0;
  }

  /** The next part. `isLast`: of its frame. */
  take(): { part: Bytes; isLast: boolean } | null {
    const part = this.#parts.shift();
    if (!part) return null;
    const isLast = this.#parts.length === 0;
    this.bufferedAmount -= part.length;
    if (isLast) this.onbufferedamountlow?.call(this as never, undefined as never);
    return { part, isLast };
  }
}
