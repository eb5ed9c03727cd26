import type { AuthOptions } from '../auth/auth-options.ts';
import type { TurnOptions } from '../turn/turn-options.ts';
import type { DoorOptions } from './door-options.ts';

export interface EnvironmentOptions extends DoorOptions {
  port: number;
  host?: string;
  auth?: AuthOptions;
  relayFrames?: boolean;
  turn?: TurnOptions;
}

/**
 * Options of a server that runs as a program: `PORT`, `HOST`, `TRUSTED_PROXIES` and `ALLOWED_ORIGINS` (with commas
 * between; `any`), `METRICS` (`off`) and `METRICS_TOKEN`, `RELAY_FRAMES` (`off`); `INNMESH_ISSUER_KEYS` (a file or URL), `INNMESH_SHARED_SECRET`
 * and `INNMESH_PUBLIC_HOSTS` (with commas between) for `auth`; `INNMESH_TURN_URLS` (with commas between),
 * `INNMESH_TURN_SECRET` and `INNMESH_TURN_LIFETIME_SECONDS` for `turn`.
 */
export function optionsFromEnvironment(env: Record<string, string | undefined>): EnvironmentOptions {
  const { PORT, HOST, TRUSTED_PROXIES, ALLOWED_ORIGINS, METRICS, METRICS_TOKEN, RELAY_FRAMES } = env;
  const auth = authFromEnvironment(env);
  return {
    port: Number(PORT || '8080'),
    ...(HOST && { host: HOST }),
    ...(TRUSTED_PROXIES && { trustedProxies: listOf(TRUSTED_PROXIES) }),
    ...(ALLOWED_ORIGINS && { allowedOrigins: ALLOWED_ORIGINS === 'any' ? 'any' : listOf(ALLOWED_ORIGINS) }),
    ...(METRICS === 'off' && { metrics: false }),
    ...(METRICS_TOKEN && { metricsToken: METRICS_TOKEN }),
    ...(RELAY_FRAMES === 'off' && { relayFrames: false }),
    ...(Object.keys(auth).length > 0 && { auth }),
    ...turnFromEnvironment(env),
  };
}

function authFromEnvironment(env: Record<string, string | undefined>): AuthOptions {
  const { INNMESH_ISSUER_KEYS, INNMESH_SHARED_SECRET, INNMESH_PUBLIC_HOSTS } = env;
  return {
    ...(INNMESH_ISSUER_KEYS && { issuerKeys: INNMESH_ISSUER_KEYS }),
    ...(INNMESH_SHARED_SECRET && { sharedSecret: INNMESH_SHARED_SECRET }),
    ...(INNMESH_PUBLIC_HOSTS && { hosts: listOf(INNMESH_PUBLIC_HOSTS) }),
  };
}

/** One without the other is told of by whoever reads the options. */
function turnFromEnvironment(env: Record<string, string | undefined>): { turn?: TurnOptions } {
  const { INNMESH_TURN_URLS, INNMESH_TURN_SECRET, INNMESH_TURN_LIFETIME_SECONDS } = env;
  if (!INNMESH_TURN_URLS && !INNMESH_TURN_SECRET) return {};
  const turn = {
    urls: INNMESH_TURN_URLS ? listOf(INNMESH_TURN_URLS) : [],
    secret: INNMESH_TURN_SECRET ?? '',
    ...(INNMESH_TURN_LIFETIME_SECONDS && { lifetimeSeconds: Number(INNMESH_TURN_LIFETIME_SECONDS) }),
  };
  return { turn };
}

const listOf = (text: string) => text.split(',').map((item) => item.trim());
