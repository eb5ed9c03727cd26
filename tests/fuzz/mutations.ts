import type { Random } from '@innmesh/kit';
import { below, happens, pick } from './chance.ts';

export type Frame = Uint8Array<ArrayBuffer>;

/** Makes one frame of another; `stranger` is a second valid one, for splices. */
type Mutation = (frame: Frame, random: Random, stranger: Frame) => Frame;

/** Lengths at the borders of their encoding and of what a decoder can hold, as varints. */
const lengths = [0, 1, 127, 128, 16_383, 16_384, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53].map(
  varint,
);
/** Too long for any number, and longer than need be. */
const brokenLengths = [new Uint8Array(11).fill(255), Uint8Array.of(128, 0), Uint8Array.of(255, 255, 255, 128, 0)];

const HUGE_BYTES = [16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 64 * 1024];

const mutations: readonly Mutation[] = [
  (frame, random) => flip(frame, random, 1),
  (frame, random) => flip(frame, random, 1 + below(random, 8)),
  (frame, random) => frame.slice(0, below(random, frame.length + 1)),
  (frame, random) => frame.slice(below(random, frame.length + 1)),
  (frame, random) => join(frame, random.bytes(1 + below(random, 8))),
  (frame, random) => insert(frame, random, random.bytes(1 + below(random, 8))),
  (frame, random, stranger) => splice(frame, random, stranger),
  (frame, random) => editLength(frame, random),
  (frame, random) => overwrite(frame, random, random.bytes(1 + below(random, 8))),
  (_, random) => random.bytes(below(random, 80)) as Frame,
  (frame, random) => (happens(random, 0.1) ? stretch(frame, pick(random, HUGE_BYTES)) : editLength(frame, random)),
];

/** One to three things are wrong with it, or, by luck, nothing. */
export function mutate(frame: Frame, random: Random, stranger: Frame): Frame {
  let mutated = frame;
  for (let left = happens(random, 0.7) ? 1 : 1 + below(random, 3); left > 0; left--) {
    mutated = pick(random, mutations)(mutated, random, stranger);
  }
  return mutated;
}

/** A character of a token becomes another one of its alphabet, or it is cut. */
export function mutateText(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  if (happens(random, 0.2)) return text.slice(0, at);
  return `${text.slice(0, at)}${pick(random, ['A', 'z', '9', '-', '_', '.', '=', ' ', 'ü'])}${text.slice(at + 1)}`;
}

function flip(frame: Frame, random: Random, times: number): Frame {
  const flipped = frame.slice();
  if (flipped.length === 0) return flipped;
  for (let left = times; left > 0; left--) {
    const at = below(random, flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << below(random, 8));
  }
  return flipped;
}

function insert(frame: Frame, random: Random, bytes: Uint8Array): Frame {
  const at = below(random, frame.length + 1);
  return join(frame.subarray(0, at), bytes, frame.subarray(at));
}

function overwrite(frame: Frame, random: Random, bytes: Uint8Array): Frame {
  const at = below(random, frame.length + 1);
  return join(frame.subarray(0, at), bytes, frame.subarray(at + bytes.length));
}

/** The head of one and the tail of the other. */
function splice(frame: Frame, random: Random, stranger: Frame): Frame {
  const [head, tail] = [below(random, frame.length + 1), below(random, stranger.length + 1)];
  return join(frame.subarray(0, head), stranger.subarray(tail));
}

/** Any byte might be a length: a little more, a little less, or something outrageous. */
function editLength(frame: Frame, random: Random): Frame {
  const at = below(random, frame.length + 1);
  const before = frame[at] ?? 0;
  const near = Uint8Array.of((before + pick(random, [-1, 1])) & 255);
  const length = happens(random, 0.4) ? near : pick(random, happens(random, 0.8) ? lengths : brokenLengths);
  return join(frame.subarray(0, at), length, frame.subarray(at + 1));
}

function stretch(frame: Frame, sizeBytes: number): Frame {
  const stretched = new Uint8Array(sizeBytes).fill(120);
  stretched.set(frame.subarray(0, sizeBytes));
  return stretched;
}

function join(...parts: Uint8Array[]): Frame {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.of(...bytes, rest);
}
