import type { DoorOptions } from './door-options.ts';

export interface EnvironmentOptions extends DoorOptions {
  port: number;
  host?: string;
}

/**
 * Options of a server that runs as a program: `PORT`, `HOST`, `TRUSTED_PROXIES` and `ALLOWED_ORIGINS` (with commas
 * between; `any`), `METRICS` (`off`) and `METRICS_TOKEN`.
 */
export function optionsFromEnvironment(env: Record<string, string | undefined>): EnvironmentOptions {
  const { PORT, HOST, TRUSTED_PROXIES, ALLOWED_ORIGINS, METRICS, METRICS_TOKEN } = env;
  return {
    port: Number(PORT || '8080'),
    ...(HOST && { host: HOST }),
    ...(TRUSTED_PROXIES && { trustedProxies: listOf(TRUSTED_PROXIES) }),
    ...(ALLOWED_ORIGINS && { allowedOrigins: ALLOWED_ORIGINS === 'any' ? 'any' : listOf(ALLOWED_ORIGINS) }),
    ...(METRICS === 'off' && { metrics: false }),
    ...(METRICS_TOKEN && { metricsToken: METRICS_TOKEN }),
  };
}

const listOf = (text: string) => text.split(',').map((item) => item.trim());
