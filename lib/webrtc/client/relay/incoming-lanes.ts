import { MalformedFrameError, RecordAssembler } from '@innmesh/protocol';
import { allowLongRecords, type Lane, lanes, MAX_STRANGERS_RECORD_BYTES } from '../link/transport.ts';
import type { Bytes } from './sealing.ts';

/** Makes channel frames of the parts that come, and records of those. */
export class IncomingLanes {
  readonly #assemblers = [
    new RecordAssembler(MAX_STRANGERS_RECORD_BYTES),
    new RecordAssembler(MAX_STRANGERS_RECORD_BYTES),
  ] as const;
  readonly #first: Record<Lane, Bytes | null> = { [lanes.entries]: null, [lanes.bulk]: null };

  allowLongRecords(what?: 'hello'): void {
    allowLongRecords(this.#assemblers, what);
  }

  /** The records that this part completes; `null` where it completes no frame. Throws `MalformedFrameError`. */
  add(lane: Lane, part: Bytes, isLast: boolean): Bytes[] | null {
    const first = this.#first[lane];
    if (first && !isLast) throw new MalformedFrameError('A frame in more than two parts.');
    this.#first[lane] = isLast ? null : part;
    return isLast ? this.#assemblers[lane].receive(first ? joined(first, part) : part) : null;
  }
}

function joined(first: Bytes, second: Bytes): Bytes {
  const frame = new Uint8Array(first.length + second.length);
  frame.set(first);
  frame.set(second, first.length);
  return frame;
}
