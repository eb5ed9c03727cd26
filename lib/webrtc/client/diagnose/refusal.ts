import { closeCodes } from '@innmesh/protocol';

/** From here on, close codes are this protocol's own. */
const FIRST_REFUSAL = closeCodes.malformedFrame;

/** By its code: with `instanceof`, pages would load their errors from a file of its own. */
type Failure = { code?: string; message?: string; attempts?: readonly { closeCode: number | null; reason: string }[] };

/** Why this device was turned away, or has nothing to show, where signaling failed with that; `null` where it did not. */
export function refusalOf(failure: unknown): string | null {
  const { code, message = '', attempts } = (failure ?? {}) as Failure;
  if (attempts) return attempts.find(({ closeCode }) => (closeCode ?? 0) >= FIRST_REFUSAL)?.reason ?? null;
  return code === undefined || code === 'NOT_CONNECTED' || code.startsWith('TAB') ? null : message;
}
