import type { Random } from '@innmesh/kit';
import {
  CredentialError,
  contentKinds,
  decodeEntry,
  decodeForDevice,
  decodeForServer,
  decodeLinkMessage,
  decodeMessage,
  decodeSealedContent,
  encodeEntry,
  encodeLinkMessage,
  encodeMessage,
  encodeSealedContent,
  encodeSignaling,
  fingerprintOf,
  InvalidMessageError,
  MalformedFrameError,
  openRelayFrame,
  parseMessage,
  partKind,
  RecordAssembler,
  readCredential,
  readDenyList,
  readRelayedDescription,
  writeRelayedDescription,
} from '@innmesh/protocol';
import { applicationSamples } from '../../lib/protocol/test-support/application-samples.ts';
import { cutIntoPieces, packBatch } from '../../lib/protocol/test-support/frames.ts';
import { deviceSamples, linkSamples, relaySamples, serverSamples } from '../../lib/protocol/test-support/samples.ts';
import { readReceipt } from '../../lib/webrtc/client/journal/receipts.ts';
import { pick } from './chance.ts';
import { type Findings, show } from './findings.ts';
import type { Fuzzer, FuzzerDeps } from './fuzzer.ts';
import { type Frame, mutate } from './mutations.ts';

interface Target {
  name: string;
  samples: readonly Frame[];
  /** The frame that it would be encoded as, where there is but one way to. */
  decode(frame: Frame): Frame | null;
}

const signaling = [deviceSamples, serverSamples, relaySamples].flatMap((samples) =>
  Object.values(samples).map((message) => encodeSignaling(message)),
);
const link = Object.values(linkSamples).map((message) => encodeLinkMessage(message));
const messages = Object.values(applicationSamples).map((message) => encodeMessage(parseMessage(message)));
const entries = Object.values(linkSamples).flatMap((sample) => (sample.type === 'entry' ? sample.bytes : []));
const receipts = ['AQIDBAUGBwg 0 3,7-12', 'AQIDBAUGBwg 1 9'].map((text) => new Uint8Array(Buffer.from(text)));
const texts = ['eyJ0.eyJ1.c2ln', 'a=fingerprint:sha-256 AA:BB\r\n'].map((text) => new Uint8Array(Buffer.from(text)));

const contents = [contentKinds.confirmation, contentKinds.goodbye, partKind(0, true), partKind(1, false)].map((kind) =>
  encodeSealedContent({ takenBytes: 300, kind, part: new Uint8Array(kind >= contentKinds.firstLane ? 20 : 0) }),
);
const bytesOf = (text: string): Frame => new Uint8Array(Buffer.from(text, 'latin1'));
const relayedDescription = bytesOf(writeRelayedDescription(new Uint8Array(65).fill(0xab)));

const targets: readonly Target[] = [
  { name: 'decodeForServer', samples: signaling, decode: (frame) => encodeSignaling(decodeForServer(frame)) },
  { name: 'decodeForDevice', samples: signaling, decode: (frame) => encodeSignaling(decodeForDevice(frame)) },
  { name: 'decodeLinkMessage', samples: link, decode: (frame) => encodeLinkMessage(decodeLinkMessage(frame)) },
  { name: 'openRelayFrame', samples: signaling, decode: (frame) => taken(openRelayFrame(frame).readdress(1)) },
  { name: 'decodeMessage', samples: messages, decode: (frame) => taken(parseMessage(decodeMessage(frame))) },
  {
    name: 'RecordAssembler',
    samples: [packBatch(link), packBatch([]), ...cutIntoPieces(new Uint8Array(20_000).fill(7), 3)],
    decode: (frame) => taken(new RecordAssembler(64 * 1024).receive(frame)),
  },
  {
    name: 'decodeSealedContent',
    samples: contents,
    decode: (frame) => encodeSealedContent(decodeSealedContent(frame)),
  },
  {
    name: 'readRelayedDescription',
    samples: [relayedDescription],
    decode: (frame) => bytesOf(writeRelayedDescription(readRelayedDescription(textOf(frame)))),
  },
  { name: 'decodeEntry', samples: entries, decode: (frame) => encodeEntry(decodeEntry(frame)) },
  { name: 'readReceipt', samples: receipts, decode: (frame) => taken(readReceipt(frame, 'own')) },
  { name: 'readCredential', samples: texts, decode: (frame) => taken(readCredential(textOf(frame))) },
  { name: 'readDenyList', samples: texts, decode: (frame) => taken(readDenyList(textOf(frame))) },
  { name: 'fingerprintOf', samples: texts, decode: (frame) => taken(fingerprintOf(textOf(frame))) },
];

const taken = (_: unknown): null => null;
const textOf = (frame: Frame): string => Buffer.from(frame).toString('latin1');
const refusals = [MalformedFrameError, InvalidMessageError, CredentialError];

/** Each decoder by itself: a frame is refused by the error that says so, or is the one encoding of what it says. */
export class DecoderFuzzer implements Fuzzer {
  readonly #random: Random;
  readonly #findings: Findings;
  readonly #counts = { accepted: 0, refused: 0 };

  constructor({ random, findings }: FuzzerDeps) {
    this.#random = random;
    this.#findings = findings;
  }

  step(): void {
    const random = this.#random;
    const { name, samples, decode } = pick(random, targets);
    const frame = mutate(pick(random, samples), random, pick(random, samples));
    this.#findings.guard(name, frame, () => {
      const encoded = this.#refusable(() => decode(frame));
      const isSame = encoded === null || Buffer.compare(encoded, frame) === 0;
      this.#findings.expect(isSame, () => `${name} took a frame that is written otherwise: ${show(frame)}`);
    });
  }

  check(): void {}
  async finish(): Promise<void> {}

  summary(): Record<string, number> {
    return { ...this.#counts };
  }

  #refusable(decode: () => Frame | null): Frame | null {
    try {
      const encoded = decode();
      this.#counts.accepted += 1;
      return encoded;
    } catch (error) {
      if (!refusals.some((refusal) => error instanceof refusal)) throw error;
      this.#counts.refused += 1;
      return null;
    }
  }
}
