import { MalformedFrameError } from '../errors.ts';
import { PUBLIC_KEY_BYTES } from './device-key.ts';

/*
 * What travels as the session description of a relayed link. Its fingerprint is the whole public key, in the spelling
 * that `fingerprintOf` gives it, so that both ends sign exactly the keys by which they seal.
 */

const START = 'v=0\r\ns=innmesh-relay\r\na=fingerprint:p-256 ';
const END = '\r\n';
const HEX = new RegExp(`^[0-9A-F]{${PUBLIC_KEY_BYTES * 2}}$`);

/** Whether an offer or answer is for a link through the signaling server. */
export const isRelayedDescription = (sdp: string): boolean => sdp.startsWith(START);

export function writeRelayedDescription(publicKey: Uint8Array): string {
  const hex = Array.from(publicKey, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return START + hex.toUpperCase() + END;
}

/** The other side's public key. Throws `MalformedFrameError` for whatever `writeRelayedDescription` does not write. */
export function readRelayedDescription(sdp: string): Uint8Array<ArrayBuffer> {
  const hex = sdp.slice(START.length, -END.length);
  if (!isRelayedDescription(sdp) || !sdp.endsWith(END) || !HEX.test(hex)) {
    throw new MalformedFrameError('It is no description of a link through the signaling server.');
  }
  return Uint8Array.from({ length: PUBLIC_KEY_BYTES }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}
