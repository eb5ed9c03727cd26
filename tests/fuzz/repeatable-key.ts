import type { Random } from '@innmesh/kit';
import { toBase64url } from '@innmesh/protocol';
import { p256 } from '@noble/curves/nist.js';
import { type SigningKey, thumbprintOf } from '../../lib/webrtc/server/auth/signatures.ts';

/** A P-256 key out of the seed; its signatures repeat as well (RFC 6979), which those of `node:crypto` do not. */
export class RepeatableKey {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly peerId: string;
  readonly #secret: Uint8Array;

  constructor(random: Random) {
    const { secretKey } = p256.keygen(random.bytes(p256.lengths.seed ?? 48));
    this.#secret = secretKey;
    this.publicKey = new Uint8Array(p256.getPublicKey(secretKey, false));
    this.peerId = thumbprintOf(this.publicKey);
  }

  sign(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return new Uint8Array(p256.sign(bytes, this.#secret));
  }

  /** As an issuer's. */
  asSigningKey(): SigningKey {
    const [x, y] = [this.publicKey.subarray(1, 33), this.publicKey.subarray(33)].map(toBase64url) as [string, string];
    const jwk = { kty: 'EC', crv: 'P-256', x, y, kid: this.peerId.slice(0, 11), alg: 'ES256' } as const;
    return { jwk, sign: (bytes) => this.sign(bytes) };
  }
}
