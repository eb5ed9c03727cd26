import { describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../version.ts';
import { toBase64url } from '../wire/base64url.ts';
import {
  encodeJoinTranscript,
  encodeLinkTranscript,
  encodeSealTranscript,
  fingerprintOf,
  type LinkTranscript,
  NONCE_BYTES,
  type SealTranscript,
} from './transcripts.ts';

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const filled = (length: number, value: number) => new Uint8Array(length).fill(value);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

const join = { host: 'a:80', challenge: filled(NONCE_BYTES, 7), tenantId: 'h' };
const link: LinkTranscript = {
  tenantId: 'h',
  offererId: toBase64url(filled(32, 1)),
  answererId: toBase64url(filled(32, 2)),
  offererFingerprint: 'x',
  answererFingerprint: 'yz',
  offererNonce: filled(NONCE_BYTES, 3),
  answererNonce: filled(NONCE_BYTES, 4),
};

describe('what a device signs', () => {
  it('to join: purpose, version, host, challenge, tenant, in these bytes [J2] [K5]', () => {
    const expected = [12, ...ascii('innmesh join'), PROTOCOL_VERSION, 4, ...ascii('a:80')];
    expect([...encodeJoinTranscript(join)]).toEqual([...expected, ...join.challenge, 1, ...ascii('h')]);
  });

  it('on a link: purpose, version, tenant, side, both ids, fingerprints and nonces, in these bytes [L4] [K5]', () => {
    const expected = [12, ...ascii('innmesh link'), PROTOCOL_VERSION, 1, ...ascii('h'), 8, ...ascii('answerer')];
    const [ids, fingerprints] = [
      [...filled(32, 1), ...filled(32, 2)],
      [1, ...ascii('x'), 2, ...ascii('yz')],
    ];
    const nonces = [...link.offererNonce, ...link.answererNonce];
    expect([...encodeLinkTranscript(link, 'answerer')]).toEqual([...expected, ...ids, ...fingerprints, ...nonces]);
  });

  it('differs wherever one field does, and from side to side [L4]', () => {
    const others: Partial<LinkTranscript>[] = [
      { tenantId: 'hx', offererFingerprint: '' },
      { offererId: link.answererId, answererId: link.offererId },
      { offererFingerprint: 'xy', answererFingerprint: 'z' },
      { offererNonce: link.answererNonce },
      { answererNonce: link.offererNonce },
    ];
    const signed = [link, ...others.map((other) => ({ ...link, ...other }))].map((each) =>
      encodeLinkTranscript(each, 'offerer'),
    );
    const all = [...signed, encodeLinkTranscript(link, 'answerer')].map(hex);
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('what a device signs of its entries', () => {
  const seal: SealTranscript = {
    tenantId: 'h',
    journal: filled(8, 9),
    series: 1,
    entries: [
      { seq: 3, bytes: Uint8Array.of(1, 2) },
      { seq: 300, bytes: new Uint8Array() },
    ],
  };

  it('is purpose, its own version, tenant, journal, series, and each entry with its number, in these bytes [L19] [K5]', () => {
    const beginning = [15, ...ascii('innmesh entries'), 1, 1, ...ascii('h'), ...filled(8, 9), 1];
    expect([...encodeSealTranscript(seal)]).toEqual([...beginning, 2, 3, 2, 1, 2, 0xac, 2, 0]);
  });

  it('differs wherever one field does: with another number, series, journal or tenant it is another entry [L19]', () => {
    const [first, second] = seal.entries as [SealTranscript['entries'][0], SealTranscript['entries'][0]];
    const others: Partial<SealTranscript>[] = [
      { tenantId: 'i' },
      { journal: filled(8, 10) },
      { series: 0 },
      { entries: [second, first] },
      { entries: [first] },
      { entries: [{ ...first, seq: 4 }, second] },
      {
        entries: [
          { ...first, bytes: Uint8Array.of(1) },
          { ...second, bytes: Uint8Array.of(2) },
        ],
      },
    ];
    const all = [seal, ...others.map((other) => ({ ...seal, ...other }))].map((each) =>
      hex(encodeSealTranscript(each)),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('the fingerprint of a description', () => {
  it('is all of its lines, in one spelling and order, each once [L3]', () => {
    const sdp = [
      'v=0',
      'a=fingerprint:SHA-256 ab:cd',
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'a=fingerprint:sha-1  0A',
      'a=fingerprint:sha-256 AB:CD',
    ].join('\r\n');
    expect(fingerprintOf(sdp)).toBe('sha-1 0A,sha-256 AB:CD');
  });

  it('changes with a certificate that is added beside the right one, before it or behind it [L3]', () => {
    const [own, other] = ['a=fingerprint:sha-256 AA\r\n', 'a=fingerprint:sha-256 BB\r\n'];
    expect(fingerprintOf(own)).toBe('sha-256 AA');
    for (const sdp of [own + other, other + own]) expect(fingerprintOf(sdp)).toBe('sha-256 AA,sha-256 BB');
  });

  it('is empty without one', () => {
    expect(fingerprintOf('v=0\r\na=setup:actpass\r\ns=a=fingerprint:sha-256 AA')).toBe('');
  });
});
