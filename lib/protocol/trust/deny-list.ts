import { CredentialError } from '../errors.ts';
import * as limits from '../limits.ts';
import * as s from '../schema/index.ts';
import { text } from '../wire/layout.ts';
import { type Jws, readJws } from './jws.ts';

/** The deny list's `typ`. */
export const DENY_LIST_TYPE = 'innmesh-deny+jwt';

/** Some 1,000 devices, put out within the lifetime of a credential. */
export const MAX_DENY_LIST_CHARACTERS = 64 * 1024;

/** As it crosses the wire, unread. */
export const denyListLayout = text(s.text({ max: MAX_DENY_LIST_CHARACTERS }));

const number = s.wholeNumber({ min: 0 });

const payloadSchema = s.object({
  iss: s.text({ max: 512 }),
  tenant: s.text({ min: 1, max: limits.tenantIdCharacters }),
  /** Counted up with each change; a higher one replaces a lower one whole. */
  seq: number,
  iat: s.number({ min: 0 }),
  /** Per device, the first generation of its credentials that is still good. */
  denied: s.object({}, number),
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
  const refuse = () => new CredentialError('malformed', 'it is no deny list');
  const { tenant, seq, denied } = s.read(payloadSchema, jws.payload, refuse);
  return { jws, tenantId: tenant, seq, generations: new Map(Object.entries(denied)) };
}
