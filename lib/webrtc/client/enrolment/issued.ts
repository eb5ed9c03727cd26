import type { Clock } from '@innmesh/kit';
import * as s from '@innmesh/protocol/schema';
import type { KeptCredential } from './credential-store.ts';
import { IssuerRefusedError } from './errors.ts';

const issuedSchema = s.object({
  credential: s.text(),
  renewalToken: s.optional(s.text()),
  issuedAtMs: s.number(),
  expiresAtMs: s.number(),
});

export const noIssuer = () =>
  new IssuerRefusedError({ code: 'no_issuer', status: 200, detail: 'What answers there is no issuer.' });

/** An issuer's answer as it is kept. Only the length of its life is taken from it: this device's clock may be wrong. */
export function keptOf(answer: unknown, clock: Clock): KeptCredential {
  const { credential, renewalToken, issuedAtMs, expiresAtMs } = s.read(issuedSchema, answer, noIssuer);
  return {
    credential,
    renewalToken: renewalToken ?? null,
    receivedAtMs: clock.nowMs(),
    lifetimeMs: expiresAtMs - issuedAtMs,
    isConfirmed: false,
  };
}
