import * as v from 'valibot';
import { CredentialError } from '../errors.ts';
import { limits } from '../limits.ts';
import { peerIdSchema } from '../messages/signaling/peer-id.ts';
import { type Jws, readJws } from './jws.ts';

/** The deny list's `typ`. */
export const DENY_LIST_TYPE = 'innmesh-deny+jwt';

/** Some 1,000 devices, put out within the lifetime of a credential. */
export const MAX_DENY_LIST_CHARACTERS = 64 * 1024;

const number = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

const payloadSchema = v.looseObject({
  iss: v.pipe(v.string(), v.maxLength(512)),
  tenant: v.pipe(v.string(), v.nonEmpty(), v.maxLength(limits.tenantIdCharacters)),
  /** Counted up with each change; a higher one replaces a lower one whole. */
  seq: number,
  iat: v.pipe(v.number(), v.minValue(0)),
  /** Per device, the first generation of its credentials that is still good. */
  denied: v.record(peerIdSchema, number),
});

/**
 * Whom a tenant's issuer has put out. Signed, so that it may travel by way of anybody: the server that pushes it and the
 * peers that hand it on can hold it back, not write it. An entry stays until the last credential of that device would
 * have expired anyway.
 */
export interface DenyList {
  readonly jws: Jws;
  readonly tenantId: string;
  readonly seq: number;
  readonly generations: ReadonlyMap<string, number>;
}

/** Throws `CredentialError` for what is no deny list. */
export function readDenyList(token: string): DenyList {
  const jws = readJws(token, DENY_LIST_TYPE, MAX_DENY_LIST_CHARACTERS);
  const result = v.safeParse(payloadSchema, jws.payload, { abortEarly: true });
  if (!result.success) throw new CredentialError('malformed', 'it is no deny list');
  const { tenant, seq, denied } = result.output;
  return { jws, tenantId: tenant, seq, generations: new Map(Object.entries(denied)) };
}
