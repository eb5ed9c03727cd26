import { CredentialError, type JsonWebKeySet, type Jws } from '@innmesh/protocol';
import { verifyJws } from './signatures.ts';

/** Where the issuer's public keys come from. */
export interface IssuerKeySource {
  /** The same object until the keys change. */
  current(): JsonWebKeySet;
  /** A token names a key that is none of these: newer ones are looked for, but not for every stranger's token. */
  lookAgain(): void;
  close(): void;
}

export function fixedKeys(keys: JsonWebKeySet): IssuerKeySource {
  return { current: () => keys, lookAgain() {}, close() {} };
}

/** Throws `CredentialError` where none of the issuer's keys has signed this. */
export function verifyBy(source: IssuerKeySource, jws: Jws): void {
  const keys = source.current();
  try {
    verifyJws(jws, keys);
  } catch (error) {
    if (!(error instanceof CredentialError && error.problem === 'unknown-key')) throw error;
    source.lookAgain();
    const newer = source.current();
    if (newer === keys) throw error;
    verifyJws(jws, newer);
  }
}
