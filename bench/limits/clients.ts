import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  CREDENTIAL_TYPE,
  type CredentialClaims,
  type DeviceMessage,
  decodeForDevice,
  encodeJoinTranscript,
  encodeSignaling,
  SIGNATURE_BYTES,
} from '@innmesh/protocol';
import type { SigningKey } from '../../lib/webrtc/server/auth/signatures.ts';
import { signJws, thumbprintOf } from '../../lib/webrtc/server/auth/signatures.ts';

/** A device with a key and a credential, both made before anything is measured; it answers the server's challenge. */
export class EnrolledDevice {
  readonly tenantId: string;
  readonly #privateKey: KeyObject;
  readonly #publicKey: Uint8Array<ArrayBuffer>;
  readonly #credential: string;

  constructor(tenantId: string, issuer: SigningKey) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.tenantId = tenantId;
    this.#privateKey = privateKey;
    this.#publicKey = Uint8Array.of(4, ...Buffer.from(x, 'base64url'), ...Buffer.from(y, 'base64url'));
    this.#credential = signJws(CREDENTIAL_TYPE, issuer, claimsFor(tenantId, thumbprintOf(this.#publicKey)));
  }

  answer(challengeFrame: Uint8Array<ArrayBuffer>, host: string): Uint8Array<ArrayBuffer> {
    const message = decodeForDevice(challengeFrame);
    if (message.type !== 'challenge') throw new Error(`The server began with ${message.type}.`);
    return encodeSignaling(this.join(message.nonce, host));
  }

  join(challenge: Uint8Array<ArrayBuffer>, host: string): Extract<DeviceMessage, { type: 'join' }> {
    const transcript = encodeJoinTranscript({ host, challenge, tenantId: this.tenantId });
    return {
      type: 'join',
      tenantId: this.tenantId,
      device: { type: 'staff', name: 'Front Desk iPad', capabilities: [] },
      credential: this.#credential,
      publicKey: this.#publicKey,
      signature: rawSignatureOf(sign('sha256', transcript, this.#privateKey)),
      offers: [],
    };
  }
}

/** Of what OpenSSL makes: Node would take twice the time of the signature for the same (see `der-signature.ts`). */
function rawSignatureOf(der: Uint8Array): Uint8Array<ArrayBuffer> {
  const raw = new Uint8Array(SIGNATURE_BYTES);
  const half = SIGNATURE_BYTES / 2;
  const rEnd = 4 + (der[3] ?? 0);
  const [r, s] = [der.subarray(4, rEnd).subarray(-half), der.subarray(rEnd + 2).subarray(-half)];
  raw.set(r, half - r.length);
  raw.set(s, SIGNATURE_BYTES - s.length);
  return raw;
}

export function enrolledDevices(
  count: number,
  devicesPerRoom: number,
  issuer: SigningKey,
  firstRoom = 0,
): EnrolledDevice[] {
  return Array.from({ length: count }, (_, index) => {
    return new EnrolledDevice(`hotel-${firstRoom + Math.floor(index / devicesPerRoom)}`, issuer);
  });
}

function claimsFor(tenant: string, peerId: string): CredentialClaims {
  const nowS = Math.floor(Date.now() / 1000);
  const subject = { sub: peerId, cnf: { jkt: peerId }, tenant, role: 'staff' as const };
  return { iss: 'https://id.example.com', ...subject, caps: ['orders'], gen: 0, iat: nowS, exp: nowS + 86_400 };
}
