import type { CancelTimer, Clock } from '@innmesh/kit';
import { decodeText, encodeText, MalformedFrameError, type Series } from '@innmesh/protocol';
import { readRanges, writeRanges } from './number-ranges.ts';
import type { Stream } from './replica.ts';
import { keyOf } from './stream.ts';

/** The type of an entry by which a device tells a writer that it cannot reach itself what has arrived of it. */
export const RECEIPT = 'receipt';

/** More may come with it. */
const DELAY_MS = 100;

/** What has come for this device by way of others that it is not for, until its writer is told. */
export class Receipts {
  readonly #clock: Clock;
  readonly #write: (stream: Stream, body: Uint8Array<ArrayBuffer>) => void;
  readonly #due = new Map<Stream, number[]>();
  #cancelTimer: CancelTimer | null = null;

  constructor(clock: Clock, write: (stream: Stream, body: Uint8Array<ArrayBuffer>) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  add(stream: Stream, seq: number): void {
    const due = this.#due.get(stream);
    if (due) due.push(seq);
    else this.#due.set(stream, [seq]);
    this.#cancelTimer ??= this.#clock.setTimer(() => this.flush(), DELAY_MS);
  }

  flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (const [stream, seqs] of this.#due) {
      this.#write(stream, encodeText(`${stream.journal} ${stream.series} ${writeRanges(seqs)}`));
    }
    this.#due.clear();
  }
}

/** Of the reader of a receipt: which of its streams, and whether a number is in it. Throws `MalformedFrameError`. */
export function readReceipt(
  body: Uint8Array<ArrayBuffer>,
  ownId: string,
): { key: string; covers(seq: number): boolean } {
  const [journal = '', number = '', ranges = ''] = decodeText(body).split(' ');
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(ranges)) throw new MalformedFrameError('This is no receipt.');
  return { key: keyOf({ origin: ownId, journal, series: Number(number) as Series }), covers: readRanges(ranges) };
}
