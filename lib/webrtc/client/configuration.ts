import {
  ConfigurationError,
  deviceInfoSchema,
  type EntitlementRules,
  iceUrlSchema,
  limits,
  MAX_LIFETIME_MS,
  readKeySet,
} from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import { isTurnUrl } from './link/ice-servers.ts';
import type { CredentialSource, P2PConnectionConfig } from './public-types.ts';

/** Text that is such an address; what is wrong is quoted, as it is often one of several. */
function address(isSuch: (text: string) => boolean, such: string): s.Schema<string> {
  return s.transform(s.text(), (text) => {
    if (isSuch(text)) return text;
    throw new s.Misfit(text, `must be ${such}, not "${text}"`);
  });
}

/** What no browser refuses to dial: one with a fragment it does. */
function isSignalingUrl(text: string): boolean {
  return URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol) && !text.includes('#');
}

const signalingUrlSchema = address(isSignalingUrl, 'a WebSocket URL such as "wss://signaling.example.com"');

/** A browser makes no connection at all where one of them lacks what it needs. */
const iceServerSchema = s.check(
  s.object(
    {
      urls: s.union([iceUrlSchema, s.list(iceUrlSchema, { min: 1 })], 'must be an ICE URL or a list of them'),
      username: s.optional(s.text()),
      credential: s.optional(s.text()),
    },
    s.anything,
  ),
  ({ urls, username, credential }) => ![urls].flat().some(isTurnUrl) || Boolean(username && credential),
  'must be there, and "username" too, where the server is a TURN server',
  ['credential'],
);

const intervalSchema = s.number({ min: 1, max: 2 ** 31 - 1 });

const urlSchema = s.textLike(/^https?:\/\//, 'must be an http or https URL');

const credentialSchema: s.Schema<CredentialSource> = {
  expected: 'a credential or a function that returns one',
  fits: (value) => typeof value === 'string' || typeof value === 'function',
  parse(value) {
    if (this.fits(value) && value !== '') return value as CredentialSource;
    throw new s.Misfit(value, `must be ${this.expected}`);
  },
};

const configSchema = s.strictObject({
  signalingServers: s.check(
    s.list(signalingUrlSchema),
    ({ length }) => length > 0,
    'must name at least one signaling server',
  ),
  tenantId: s.text({ min: 1, max: limits.tenantIdCharacters }),
  deviceInfo: deviceInfoSchema,
  credential: s.optional(credentialSchema),
  issuerKeys: s.optional(s.union([urlSchema, s.object({}, s.anything)], 'must be a JWK set or the URL of one')),
  identity: s.optional(s.text({ min: 1, max: 128 })),
  entitlements: s.optional(s.object({}, s.anything) as unknown as s.Schema<EntitlementRules>),
  iceServers: s.optional(s.list(iceServerSchema), [{ urls: 'stun:stun.l.google.com:19302' }]),
  preferLocal: s.optional(s.boolean(), true),
  autoReconnect: s.optional(s.boolean(), true),
  reconnectInterval: s.optional(intervalSchema, 5_000),
  keepaliveInterval: s.optional(intervalSchema, 30_000),
  debug: s.optional(s.boolean(), false),
  timeToLive: s.optional(s.object({}, s.number({ min: 1, max: MAX_LIFETIME_MS })), {}),
  storage: s.optional(s.strictObject({ maxBytes: s.number({ min: 1 }) }), { maxBytes: 256 * 1024 * 1024 }),
  /** The first 10 TB of a month out of a large cloud cost about this. */
  prices: s.optional(s.object({ relayUsdPerGigabyte: s.number({ min: 0 }) }), {
    relayUsdPerGigabyte: 0.09,
  }),
});

/** The configuration with every default filled in. */
export type Configuration = Omit<s.InferOutput<typeof configSchema>, 'issuerKeys'> &
  Pick<P2PConnectionConfig, 'issuerKeys'>;

/** Throws `ConfigurationError` with the path of the first wrong field. */
export function readConfiguration(config: P2PConnectionConfig): Configuration {
  const { issuerKeys, ...read } = s.read(
    configSchema,
    config,
    (path, problem) => new ConfigurationError(path, problem),
  );
  if (issuerKeys === undefined) return read;
  return { ...read, issuerKeys: typeof issuerKeys === 'string' ? issuerKeys : readKeySet(issuerKeys) };
}
