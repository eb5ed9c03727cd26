import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { type Random, systemRandom } from '@innmesh/kit';
import { toBase64url } from '@innmesh/protocol';

/** 256 bits, in 43 characters. */
export function newSecret(random: Random = systemRandom): string {
  return toBase64url(random.bytes(32));
}

/**
 * What the store keeps of a secret. Without salt and stretching, as each has at least 69 bits by chance;
 * a user code has fewer, and lives for minutes only.
 */
export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** In a time that says nothing of where they differ. */
export function isSame(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

/** A secret for one purpose, from the issuer's own and from what the purpose is about. */
export function deriveSecret(issuerSecret: string, purpose: string, ...about: string[]): string {
  return createHmac('sha256', issuerSecret)
    .update(JSON.stringify([purpose, ...about]))
    .digest('base64url');
}
