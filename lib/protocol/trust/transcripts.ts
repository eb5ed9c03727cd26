import { JOURNAL_ID_BYTES } from '../messages/link/hello.ts';
import { peerIdLayout } from '../messages/signaling/peer-id.ts';
import { PROTOCOL_VERSION } from '../version.ts';
import { fixedBytes, list, sizedBytes, struct, text, varint, written } from '../wire/layout.ts';

/*
 * What a device signs. Each transcript begins with its purpose and the version, so that a signature made for one can
 * never stand for another; every field has its length before it or a fixed one, so that no two sets of fields are the
 * same bytes.
 */

export const NONCE_BYTES = 16;

/** Of a seal's transcript. Entries outlive the release that wrote them: raised only when the transcript itself changes. */
const SEAL_VERSION = 1;

const joinTranscript = struct({
  purpose: text(),
  version: varint(),
  /** Host and port, as the device dialled them: a challenge that one server passes on is of no use at another. */
  host: text(),
  challenge: fixedBytes(NONCE_BYTES),
  tenantId: text(),
});

/** A device shows a signaling server that it holds its key. */
export interface JoinTranscript {
  /** As in the URL that the device opened: `signaling.example.com`, `192.168.1.5:8080`. */
  host: string;
  challenge: Uint8Array<ArrayBuffer>;
  tenantId: string;
}

export function encodeJoinTranscript(transcript: JoinTranscript): Uint8Array<ArrayBuffer> {
  return written(joinTranscript, { purpose: 'innmesh join', version: PROTOCOL_VERSION, ...transcript });
}

const linkTranscript = struct({
  purpose: text(),
  version: varint(),
  tenantId: text(),
  signer: text(),
  offererId: peerIdLayout,
  answererId: peerIdLayout,
  offererFingerprint: text(),
  answererFingerprint: text(),
  offererNonce: fixedBytes(NONCE_BYTES),
  answererNonce: fixedBytes(NONCE_BYTES),
});

export type LinkSide = 'offerer' | 'answerer';

/** Two devices show each other that they are the ends of this very connection. */
export interface LinkTranscript {
  tenantId: string;
  offererId: string;
  answererId: string;
  /** Of the DTLS certificates, as `fingerprintOf` reads them out of the two session descriptions. */
  offererFingerprint: string;
  answererFingerprint: string;
  offererNonce: Uint8Array<ArrayBuffer>;
  answererNonce: Uint8Array<ArrayBuffer>;
}

/** As `signer` signs it: the two ends never sign the same bytes, so that neither's signature can be sent back to it. */
export function encodeLinkTranscript(transcript: LinkTranscript, signer: LinkSide): Uint8Array<ArrayBuffer> {
  return written(linkTranscript, { purpose: 'innmesh link', version: PROTOCOL_VERSION, signer, ...transcript });
}

const frameContext = struct({ purpose: text(), version: varint(), attempt: varint() });

/** What the sealed frames of one attempt at a link are bound to, besides their keys and their order (SPEC.md, F3). */
export function encodeFrameContext(attempt: number): Uint8Array<ArrayBuffer> {
  return written(frameContext, { purpose: 'innmesh frames', version: PROTOCOL_VERSION, attempt });
}

const sealTranscript = struct({
  purpose: text(),
  version: varint(),
  tenantId: text(),
  journal: fixedBytes(JOURNAL_ID_BYTES),
  series: varint(),
  entries: list(struct({ seq: varint(), bytes: sizedBytes })),
});

/** A device vouches for entries of its journal, so that others can hand them on. */
export interface SealTranscript {
  tenantId: string;
  journal: Uint8Array<ArrayBuffer>;
  series: number;
  /** As `encodeEntry` wrote them. */
  entries: { seq: number; bytes: Uint8Array<ArrayBuffer> }[];
}

export function encodeSealTranscript(transcript: SealTranscript): Uint8Array<ArrayBuffer> {
  return written(sealTranscript, { purpose: 'innmesh entries', version: SEAL_VERSION, ...transcript });
}

/**
 * Every certificate fingerprint that a session description allows (RFC 8122 §5), in one spelling. Were one left out,
 * somebody in between could add theirs beside it.
 */
export function fingerprintOf(sdp: string): string {
  const lines = [...sdp.matchAll(/^a=fingerprint:(\S+)[ \t]+(\S+)/gm)];
  const spelled = lines.map(([, hash = '', value = '']) => `${hash.toLowerCase()} ${value.toUpperCase()}`);
  return [...new Set(spelled)].sort().join(',');
}
