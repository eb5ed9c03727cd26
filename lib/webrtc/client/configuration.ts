import { ConfigurationError, deviceInfoSchema, explainIssue, limits } from '@innmesh/protocol';
import * as v from 'valibot';
import type { P2PConnectionConfig } from './public-types.ts';

const signalingUrlSchema = v.pipe(
  v.string(),
  v.check((url) => {
    const protocol = URL.canParse(url) ? new URL(url).protocol : '';
    return protocol === 'ws:' || protocol === 'wss:';
  }, 'must be a WebSocket URL such as "wss://signaling.example.com"'),
);

/** RFC 7064 and RFC 7065. */
const iceUrlSchema = v.pipe(
  v.string(),
  v.regex(
    /^(stuns?|turns?):[^\s?/]+(\?transport=(udp|tcp))?$/i,
    'must be an ICE URL such as "stun:stun.example.com:3478"',
  ),
);

const intervalSchema = v.pipe(v.number(), v.finite(), v.minValue(1), v.maxValue(2 ** 31 - 1));

const configSchema = v.object({
  signalingServers: v.pipe(v.array(signalingUrlSchema), v.minLength(1, 'must name at least one signaling server')),
  tenantId: v.pipe(v.string(), v.nonEmpty(), v.maxLength(limits.tenantIdCharacters)),
  deviceInfo: deviceInfoSchema,
  iceServers: v.optional(
    v.array(
      v.looseObject({
        urls: v.union([iceUrlSchema, v.array(iceUrlSchema)]),
        username: v.optional(v.string()),
        credential: v.optional(v.string()),
      }),
    ),
    [{ urls: 'stun:stun.l.google.com:19302' }],
  ),
  preferLocal: v.optional(v.boolean(), true),
  autoReconnect: v.optional(v.boolean(), true),
  reconnectInterval: v.optional(intervalSchema, 5_000),
  keepaliveInterval: v.optional(intervalSchema, 30_000),
  debug: v.optional(v.boolean(), false),
  /** The first 10 TB of a month out of a large cloud cost about this. */
  prices: v.optional(v.object({ relayUsdPerGigabyte: v.pipe(v.number(), v.minValue(0)) }), {
    relayUsdPerGigabyte: 0.09,
  }),
});

/** The configuration with every default filled in. */
export type Configuration = v.InferOutput<typeof configSchema>;

/** Throws `ConfigurationError` with the path of the first wrong field. */
export function readConfiguration(config: P2PConnectionConfig): Configuration {
  const result = v.safeParse(configSchema, config, { abortEarly: true });
  if (result.success) return result.output;
  const { path, problem } = explainIssue(result.issues[0]);
  throw new ConfigurationError(path, problem);
}
