import type { IssuerContext } from './context.ts';
import { deriveSecret, isSame } from './secrets.ts';

/*
 * A renewal token is `<rotation>.<MAC>`, the MAC by a secret of the issuer's over the device, its generation and the
 * rotation. So the store holds no token and no hash of one, only the number; an old token is told from a made-up one,
 * however old; and a store that was set back by a restore still takes the tokens that were handed out since.
 */

/** Whose tokens: those of one generation are one family. */
export interface TokenFamily {
  tenantId: string;
  peerId: string;
  generation: number;
}

export function renewalTokenOf({ keys }: IssuerContext, family: TokenFamily, rotation: number): string {
  const { tenantId, peerId, generation } = family;
  const about = [tenantId, peerId, generation, rotation].map(String);
  return `${rotation}.${deriveSecret(keys.secret, 'renewal token', ...about)}`;
}

/** Which of the family's tokens this is; `null` for none. */
export function rotationOf(context: IssuerContext, family: TokenFamily, token: string): number | null {
  const [, digits] = /^(\d{1,10})\.[\w-]{43}$/.exec(token) ?? [];
  if (digits === undefined) return null;
  const rotation = Number(digits);
  return isSame(token, renewalTokenOf(context, family, rotation)) ? rotation : null;
}
