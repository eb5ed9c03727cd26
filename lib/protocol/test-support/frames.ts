import * as limits from '../limits.ts';
import { ByteWriter } from '../wire/bytes.ts';
import { FrameWriter, type OutgoingRecord, recordBytes } from '../wire/channel-frame.ts';

type Bytes = Uint8Array<ArrayBuffer>;

export const outgoing = (head: Uint8Array, body = new Uint8Array()): OutgoingRecord => ({ head, body });

/** One frame of whole records, also where it is over the limit. */
export function packBatch(records: readonly Uint8Array[]): Bytes {
  const writer = new ByteWriter(1);
  writer.byte(0);
  for (const record of records) {
    writer.varint(record.length);
    writer.bytes(record);
  }
  return writer.finish();
}

/** The frames of one record. */
export function cutIntoPieces(
  record: Uint8Array | OutgoingRecord,
  stream = 0,
  frameBytes = limits.channelFrameBytes,
): Bytes[] {
  const whole = 'head' in record ? record : outgoing(record);
  const writer = new FrameWriter();
  const frames: Bytes[] = [];
  for (let offset = 0; offset < recordBytes(whole); ) {
    offset = writer.cut(stream, whole, offset, frameBytes);
    frames.push(writer.frame.slice());
  }
  return frames;
}
