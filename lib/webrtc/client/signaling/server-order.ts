import { isLocalHost } from '../local-address.ts';

/** Servers on the local network first, each group in the order given. */
export function orderServers(urls: readonly string[], preferLocal: boolean): string[] {
  const rank = (url: string) => (preferLocal && isLocalHost(new URL(url).hostname) ? 0 : 1);
  return [...urls].sort((one, other) => rank(one) - rank(other));
}
