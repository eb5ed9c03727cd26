import { MalformedFrameError } from '../errors.ts';
import * as limits from '../limits.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/*
 * What a sealed frame holds: how many bytes of sealed frames its sender has taken since it last said so, a kind, and for
 * some kinds a part of a channel frame. A channel frame of up to 16 KiB thus crosses in frames that fit a signaling frame,
 * and a short one of another lane can come between.
 */
export const contentKinds = {
  /** Nothing but the bytes taken. */
  confirmation: 0,
  /** The sender takes and sends nothing more. */
  goodbye: 1,
  /** From here on, two for each lane: the last part of a channel frame, and one that has more behind it. */
  firstLane: 2,
} as const;

export interface SealedContent {
  takenBytes: number;
  kind: number;
  part: Uint8Array<ArrayBuffer>;
}

const LANES = 2;
const MAX_KIND = contentKinds.firstLane + LANES * 2 - 1;

export const partKind = (lane: number, isLast: boolean): number => contentKinds.firstLane + lane * 2 + (isLast ? 0 : 1);

/** Of a kind from `firstLane` on. */
export function laneOf(kind: number): { lane: number; isLast: boolean } {
  const number = kind - contentKinds.firstLane;
  return { lane: number >> 1, isLast: number % 2 === 0 };
}

export function encodeSealedContent({ takenBytes, kind, part }: SealedContent): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(part.length + 8);
  writer.varint(takenBytes);
  writer.byte(kind);
  writer.bytes(part);
  return writer.finish();
}

/** Throws `MalformedFrameError`. */
export function decodeSealedContent(bytes: Uint8Array<ArrayBuffer>): SealedContent {
  const reader = new ByteReader(bytes);
  const takenBytes = reader.varint();
  const kind = reader.byte();
  const part = reader.rest();
  if (kind > MAX_KIND) throw new MalformedFrameError(`No sealed frame has the kind ${kind}.`);
  const holdsPart = kind >= contentKinds.firstLane;
  if (holdsPart !== part.length > 0)
    throw new MalformedFrameError('A sealed frame has a part where none belongs, or none.');
  if (part.length > limits.sealedPartBytes) throw new MalformedFrameError(`A part of ${part.length} bytes.`);
  return { takenBytes, kind, part };
}
