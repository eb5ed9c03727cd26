import { SIGNATURE_BYTES } from '@innmesh/protocol';

const [SEQUENCE, INTEGER] = [0x30, 0x02];

/**
 * An ECDSA signature as OpenSSL has it (RFC 3279 §2.2.3), of one as the wire has it. Node does the same for
 * `dsaEncoding: 'ieee-p1363'` and takes 20 µs more, a tenth of a join. `null` where it is not of the right length.
 */
export function derSignatureOf(signature: Uint8Array): Uint8Array | null {
  if (signature.length !== SIGNATURE_BYTES) return null;
  const half = SIGNATURE_BYTES / 2;
  const parts = [...integer(signature.subarray(0, half)), ...integer(signature.subarray(half))];
  return Uint8Array.of(SEQUENCE, parts.length, ...parts);
}

/** The shortest form, and never one that reads as negative (X.690 §8.3). */
function integer(unsigned: Uint8Array): number[] {
  const first = unsigned.findIndex((byte) => byte !== 0);
  const digits = first < 0 ? [0] : [...unsigned.subarray(first)];
  if ((digits[0] ?? 0) > 127) digits.unshift(0);
  return [INTEGER, digits.length, ...digits];
}
