import { type Random, seededRandom } from '@innmesh/kit';
import { describe, expect, it } from 'vitest';
import { InvalidMessageError, MalformedFrameError } from '../errors.ts';
import { parseMessage } from '../parse-message.ts';
import { applicationSamples } from '../test-support/application-samples.ts';
import { deviceSamples, linkSamples, relaySamples, serverSamples } from '../test-support/samples.ts';
import { cutIntoPieces, packBatch, RecordAssembler } from './channel-frame.ts';
import { decodeLinkMessage, encodeLinkMessage } from './link-codec.ts';
import { decodeMessage, encodeMessage } from './message-codec.ts';
import { decodeForDevice, decodeForServer, encodeSignaling, openRelayFrame } from './signaling-codec.ts';

type Frame = Uint8Array<ArrayBuffer>;

const FRAMES = 20_000;
const SEED = 20_240_115;

const signaling = [deviceSamples, serverSamples, relaySamples].flatMap((samples) =>
  Object.values(samples).map((message) => encodeSignaling(message)),
);
const link = Object.values(linkSamples).map((message) => encodeLinkMessage(message));
const messages = Object.values(applicationSamples).map((message) => encodeMessage(parseMessage(message)));
const channel = [packBatch(link), packBatch([]), ...cutIntoPieces(new Uint8Array(20_000).fill(7))];

const below = (random: Random, bound: number) => Math.floor(random.unit() * bound);

const mutations: ((frame: Frame, random: Random) => Frame)[] = [
  (_, random) => random.bytes(below(random, 80)) as Frame,
  (frame, random) => frame.slice(0, below(random, frame.length + 1)),
  (frame, random) => Uint8Array.of(...frame, ...random.bytes(1 + below(random, 4))),
  (frame, random) => flip(frame, random, 1),
  (frame, random) => flip(frame, random, 8),
  (frame, random) => {
    const at = below(random, frame.length);
    return Uint8Array.of(...frame.subarray(0, at), ...random.bytes(below(random, 9)), ...frame.subarray(at));
  },
];

function flip(frame: Frame, random: Random, times: number): Frame {
  const flipped = frame.slice();
  for (let left = times; left > 0; left--) {
    const at = below(random, flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << below(random, 8));
  }
  return flipped;
}

/** What stands in the failure's message is enough to repeat it: the frame itself. */
function fuzz(samples: readonly Frame[], decode: (frame: Frame) => void): { accepted: number; refused: number } {
  const random = seededRandom(SEED);
  const counts = { accepted: 0, refused: 0 };
  for (let round = 0; round < FRAMES; round++) {
    const sample = samples[below(random, samples.length)] as Frame;
    const mutate = mutations[below(random, mutations.length)] as (typeof mutations)[number];
    const frame = mutate(sample, random);
    try {
      decode(frame);
      counts.accepted += 1;
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) {
        throw new Error(`seed ${SEED}, round ${round}, frame ${Buffer.from(frame).toString('hex')}`, { cause: error });
      }
      counts.refused += 1;
    }
  }
  return counts;
}

/** Both happen often enough for the run to have meant something. */
function expectBoth({ accepted, refused }: { accepted: number; refused: number }): void {
  expect(accepted).toBeGreaterThan(50);
  expect(refused).toBeGreaterThan(1_000);
}

describe(`${FRAMES} broken frames are refused as malformed or taken for the one message they encode`, () => {
  it('at the server', () => {
    expectBoth(fuzz(signaling, (frame) => expect(encodeSignaling(decodeForServer(frame))).toEqual(frame)));
  });

  it('at a device, from the server', () => {
    expectBoth(fuzz(signaling, (frame) => expect(encodeSignaling(decodeForDevice(frame))).toEqual(frame)));
  });

  it('at a device, over a link', () => {
    expectBoth(fuzz(link, (frame) => expect(encodeLinkMessage(decodeLinkMessage(frame))).toEqual(frame)));
  });

  it('at the server, on their way to another device', () => {
    expectBoth(fuzz(signaling, (frame) => void openRelayFrame(frame).readdress(1)));
  });

  it('at the end of a data channel', () => {
    expectBoth(fuzz(channel, (frame) => void new RecordAssembler(64 * 1024).receive(frame)));
  });

  it('where the message of an entry is read, up to the schema', () => {
    const decode = (frame: Frame) => {
      const message = decodeMessage(frame);
      try {
        parseMessage(message);
      } catch (error) {
        if (!(error instanceof InvalidMessageError)) throw error;
      }
    };
    expectBoth(fuzz(messages, decode));
  });
});
