import type { Clock } from '@innmesh/kit';
import * as v from 'valibot';
import type { KeptCredential } from './credential-store.ts';
import { IssuerRefusedError } from './errors.ts';

const issuedSchema = v.object({
  credential: v.string(),
  renewalToken: v.optional(v.string()),
  issuedAtMs: v.number(),
  expiresAtMs: v.number(),
});

/** An issuer's answer as it is kept. Only the length of its life is taken from it: this device's clock may be wrong. */
export function keptOf(answer: unknown, clock: Clock): KeptCredential {
  const result = v.safeParse(issuedSchema, answer);
  if (!result.success) {
    throw new IssuerRefusedError({ code: 'no_issuer', status: 200, detail: 'What answers there is no issuer.' });
  }
  const { credential, renewalToken, issuedAtMs, expiresAtMs } = result.output;
  return {
    credential,
    renewalToken: renewalToken ?? null,
    receivedAtMs: clock.nowMs(),
    lifetimeMs: expiresAtMs - issuedAtMs,
    isConfirmed: false,
  };
}
