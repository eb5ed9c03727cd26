import { ConfigurationError, type JsonWebKeySet } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import { parseOptions } from '../options.ts';

/** Whose credentials let devices in. At least one of `issuerKeys` and `sharedSecret`. */
export interface AuthOptions {
  /**
   * The issuer's public keys: a JWK set (RFC 7517 §5), the path or the http(s) URL of one, or a function. A file is read
   * again within a minute, a URL every five minutes; both sooner, when a credential names a key that is new.
   */
  issuerKeys?: JsonWebKeySet | string | (() => JsonWebKeySet);
  /**
   * A secret of at least 32 bytes that the issuer and every device have too (HS256, `kid` `shared-secret`). Who can check
   * a credential with it can forge one: only where each device is trusted with everything.
   */
  sharedSecret?: string;
  /**
   * Names under which devices reach the server, with the port where it is not the scheme's own: `signaling.example.com`;
   * no other is taken then. Set them for a real property: without them another server that a device dials can pass its proof
   * on. Needed where a proxy changes the Host header. Default: what the request names.
   */
  hosts?: readonly string[];
  /** The issuer's present deny list of a tenant, signed; `null` where it has none. Asked at joins, once a minute at most. */
  denyList?: (tenantId: string) => string | null;
}

type Callable = (...parameters: never[]) => unknown;
const callable = s.kind<Callable>('a function', (value) => typeof value === 'function');

/** As `new URL(url).host` has it, which is what devices sign. */
const isHost = (text: string) => URL.canParse(`wss://${text}`) && new URL(`wss://${text}`).host === text;

const authSchema = s.object({
  issuerKeys: s.optional(s.anything),
  sharedSecret: s.optional(
    s.check(s.text(), (secret) => Buffer.byteLength(secret) >= 32, 'must have at least 32 bytes (RFC 7518 §3.2)'),
  ),
  hosts: s.optional(
    s.list(s.check(s.text(), isHost, 'must be a host in lower case, such as signaling.example.com or 10.0.0.5:8080')),
    [],
  ),
  denyList: s.optional(callable),
});

export type AuthSettings = AuthOptions & { hosts: readonly string[] };

/** Throws `ConfigurationError` with the path of the first wrong one. */
export function readAuthOptions(auth: AuthOptions): AuthSettings {
  const read = parseOptions(s.object({ auth: authSchema }), { auth }).auth as AuthSettings;
  if (read.issuerKeys !== undefined || read.sharedSecret !== undefined) return read;
  throw new ConfigurationError('auth.issuerKeys', 'is missing, and so is "auth.sharedSecret": nobody could join');
}
