import type { Random } from '@innmesh/kit';
import { toBase64url } from '@innmesh/protocol';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { sha256 } from './sha256.ts';

const encodeText = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const encode = (part: unknown) => toBase64url(encodeText(JSON.stringify(part)));

/** What a proof is about. */
export interface ProofTarget {
  method: string;
  url: string;
  /** By the issuer's clock. */
  nowMs: number;
  /** That goes along; `null` for none. */
  credential: string | null;
}

/** A proof that the holder of the device's key makes this one request (RFC 9449 §4.2). */
export async function createProof(device: DeviceIdentity, target: ProofTarget, random: Random): Promise<string> {
  const { method, url, nowMs, credential } = target;
  const payload = {
    jti: toBase64url(random.bytes(16)),
    htm: method,
    htu: url,
    iat: Math.floor(nowMs / 1000),
    ...(credential !== null && { ath: toBase64url(await sha256(encodeText(credential))) }),
  };
  const signed = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: jwkOf(device.publicKey) })}.${encode(payload)}`;
  return `${signed}.${toBase64url(await device.sign(encodeText(signed)))}`;
}

function jwkOf(publicKey: Uint8Array) {
  const [x, y] = [publicKey.subarray(1, 33), publicKey.subarray(33)].map(toBase64url);
  return { kty: 'EC', crv: 'P-256', x, y };
}
