import type { Clock } from '@innmesh/kit';
import { ConfigurationError, type JsonWebKeySet, readKeySet } from '@innmesh/protocol';
import type { Trust } from '../auth/assemble-auth.ts';
import { type AuthOptions, readAuthOptions } from '../auth/auth-options.ts';
import { fixedKeys, type IssuerKeySource } from '../auth/issuer-key-source.ts';
import { PolledKeys } from '../auth/polled-keys.ts';
import { sharedSecretKey } from '../auth/signatures.ts';
import { FetchedKeys } from './fetched-keys.ts';
import { keyFileReader } from './key-file.ts';

export interface TrustDeps {
  clock: Clock;
  /** The keys could not be read again; those that were had last go on. */
  failed(error: unknown): void;
  isProduction: boolean;
}

const OPTION = 'auth.issuerKeys';

/** Whom the server believes; `null` in development mode. Throws `ConfigurationError`. */
export async function openTrust(auth: AuthOptions | undefined, deps: TrustDeps): Promise<Trust | null> {
  if (!auth) {
    if (deps.isProduction) throw new ConfigurationError('auth', UNSAFE);
    return null;
  }
  const { issuerKeys, sharedSecret, hosts, denyList } = readAuthOptions(auth);
  const keys = issuerKeys === undefined ? null : await openKeys(issuerKeys, deps);
  return { keys: withSecret(keys, sharedSecret), hosts, denyList };
}

const UNSAFE =
  'is missing, and NODE_ENV=production: anyone could join as anyone. Set INNMESH_ISSUER_KEYS to the file or URL of the ' +
  "issuer's public keys, or INNMESH_DATA_DIR for npm start";

async function openKeys(keys: NonNullable<AuthOptions['issuerKeys']>, deps: TrustDeps): Promise<IssuerKeySource> {
  if (typeof keys === 'function') return new PolledKeys({ ...deps, read: () => readKeySet(keys(), OPTION) });
  if (typeof keys !== 'string') return fixedKeys(readKeySet(keys, OPTION));
  if (/^https?:\/\//i.test(keys)) return FetchedKeys.open({ ...deps, url: keys, option: OPTION });
  return new PolledKeys({ ...deps, read: keyFileReader(keys, OPTION) });
}

function withSecret(source: IssuerKeySource | null, secret: string | undefined): IssuerKeySource {
  if (secret === undefined) return source ?? fixedKeys({ keys: [] });
  const { jwk } = sharedSecretKey(Buffer.from(secret));
  if (!source) return fixedKeys({ keys: [jwk] });
  let [issuers, all]: [JsonWebKeySet | null, JsonWebKeySet] = [null, { keys: [] }];
  return {
    current() {
      if (source.current() !== issuers) {
        issuers = source.current();
        all = { keys: [...issuers.keys, jwk] };
      }
      return all;
    },
    lookAgain: () => source.lookAgain(),
    close: () => source.close(),
  };
}
