import { createECDH, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import {
  type DeviceInfo,
  type DeviceMessage,
  encodeJoinTranscript,
  type FirstOffer,
  type Role,
  toBase64url,
} from '@innmesh/protocol';
import { thumbprintOf } from '../auth/signatures.ts';

/** What in-memory devices dial. */
export const HOST = 'signaling.test';

/** A device's key; its id is the hash of the public half. */
export class DeviceKey {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly peerId: string;
  readonly #privateKey: KeyObject;

  /** `secret`: 32 bytes, for one that is the same each time. */
  constructor(secret?: Uint8Array) {
    const ecdh = createECDH('prime256v1');
    if (secret) ecdh.setPrivateKey(secret);
    else ecdh.generateKeys();
    this.publicKey = new Uint8Array(ecdh.getPublicKey());
    this.peerId = thumbprintOf(this.publicKey);
    const [x, y] = [this.publicKey.subarray(1, 33), this.publicKey.subarray(33)].map(toBase64url) as [string, string];
    const d = ecdh.getPrivateKey('base64url');
    this.#privateKey = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', x, y, d } });
  }

  sign(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
    return new Uint8Array(sign('sha256', bytes, { key: this.#privateKey, dsaEncoding: 'ieee-p1363' }));
  }
}

const keys = new Map<string, DeviceKey>();

/** The same name has the same key throughout a test file. */
export function keyOf(name: string): DeviceKey {
  const key = keys.get(name) ?? new DeviceKey();
  keys.set(name, key);
  return key;
}

export const idOf = (name: string): string => keyOf(name).peerId;

/** Who joins, and what it says otherwise than a device in order would. */
export interface Seat {
  tenantId?: string;
  /** Decides the key as well. */
  name?: string;
  type?: Role;
  capabilities?: string[];
  /** Empty: the server in development mode is to give one. */
  credential?: string;
  /** Whose key signs; default: the one that is presented. */
  signer?: DeviceKey;
  host?: string;
  offers?: FirstOffer[];
}

export const deviceNamed = (name: string): DeviceInfo => ({ type: 'staff', name, capabilities: ['orders'] });

/** The answer to a challenge. */
export function joinMessage(challenge: Uint8Array<ArrayBuffer>, seat: Seat = {}): DeviceMessage & { type: 'join' } {
  const { tenantId = 'hotel', name = 'peer', type = 'staff', capabilities = ['orders'], credential = '' } = seat;
  const { host = HOST, signer = keyOf(name), offers = [] } = seat;
  return {
    type: 'join',
    tenantId,
    device: { type, name, capabilities },
    credential,
    publicKey: keyOf(name).publicKey,
    signature: signer.sign(encodeJoinTranscript({ host, challenge, tenantId })),
    offers,
  };
}
