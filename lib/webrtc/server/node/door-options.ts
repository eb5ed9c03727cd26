import * as s from '@innmesh/protocol/schema';
import { parseOptions } from '../options.ts';
import type { AllowedOrigins } from './origin.ts';

/** Who may come to the server's port, and what it tells of itself there. */
export interface DoorOptions {
  /**
   * The proxies in front, as addresses and networks: `['10.0.0.1', 'fd00::/8']`. From these, and only these, the client's
   * address is read out of X-Forwarded-For; without them everyone behind a proxy counts as one address. Default: none.
   */
  trustedProxies?: readonly string[];
  /**
   * The origins whose pages may connect besides the server's own (its Host header): `['https://hotel.example']`. Guards
   * browsers only: clients without an Origin header, as in Node and in native apps, are let in. Default: in development
   * mode `any`, otherwise none.
   */
  allowedOrigins?: AllowedOrigins;
  /** Whether `GET /metrics` answers with metrics for Prometheus. They are not for the public. Default: true. */
  metrics?: boolean;
  /** What Prometheus must send as its bearer token, at least 16 characters. Default: none is needed. */
  metricsToken?: string;
}

export interface DoorSettings {
  trustedProxies: readonly string[];
  allowedOrigins: AllowedOrigins;
  metrics: boolean;
  metricsToken: string | null;
}

const isOrigin = (text: string) => URL.canParse(text) && new URL(text).origin === text;

const origin = s.check(s.text(), isOrigin, 'must be an origin such as https://hotel.example, without a path');

const doorSchema = s.object({
  trustedProxies: s.optional(s.list(s.text()), []),
  allowedOrigins: s.optional(s.union([s.literal('any'), s.list(origin)], 'must be "any" or a list of origins')),
  metrics: s.optional(s.boolean(), true),
  metricsToken: s.optional(s.text({ min: 16 }), undefined),
});

/** Throws `ConfigurationError` with the path of the first wrong one. */
export function readDoorOptions(options: DoorOptions, isDevelopment: boolean): DoorSettings {
  const { allowedOrigins, metricsToken, ...rest } = parseOptions(doorSchema, options);
  return {
    ...rest,
    allowedOrigins: allowedOrigins ?? (isDevelopment ? 'any' : []),
    metricsToken: metricsToken ?? null,
  };
}
