import type { FakePeerConnection } from './fake-peer-connection.ts';
import type { Pipe } from './pipe.ts';

type Frame = Uint8Array<ArrayBuffer>;

/** One end of a channel: delivers in order, whatever the other channels of its connection do. */
export class FakeDataChannel {
  readonly id: number;
  binaryType = '';
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;
  readonly #connection: FakePeerConnection;
  readonly #pipe: Pipe;
  readonly #count: (bytes: number) => void;
  #early: Frame[] = [];

  constructor(connection: FakePeerConnection, id: number, pipe: Pipe, count: (bytes: number) => void) {
    this.#connection = connection;
    this.id = id;
    this.#pipe = pipe;
    this.#count = count;
  }

  send(frame: Frame): void {
    if (this.readyState !== 'open') throw new Error('InvalidStateError: the channel is not open');
    const copy = frame.slice();
    this.bufferedAmount += copy.length;
    this.#count(copy.length);
    this.#pipe.push(() => {
      this.#connection.peer?.channels.find(({ id }) => id === this.id)?.receive(copy);
      const wasHigh = this.bufferedAmount > this.bufferedAmountLowThreshold;
      this.bufferedAmount -= copy.length;
      if (wasHigh && this.bufferedAmount <= this.bufferedAmountLowThreshold) this.onbufferedamountlow?.();
    });
  }

  receive(frame: Frame): void {
    if (this.readyState === 'open') this.onmessage?.({ data: frame.buffer });
    else if (this.readyState === 'connecting') this.#early.push(frame);
  }

  open(): void {
    if (this.readyState !== 'connecting') return;
    this.readyState = 'open';
    this.onopen?.();
    for (const frame of this.#early.splice(0)) this.receive(frame);
  }

  /** The other side has closed it. */
  end(): void {
    if (this.readyState === 'closed') return;
    this.shut();
    this.onclose?.();
  }

  shut(): void {
    this.readyState = 'closed';
    this.#pipe.empty();
  }
}
