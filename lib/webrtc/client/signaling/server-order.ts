import { isLocalHost } from '../local-address.ts';

/** Servers on the local network first, each group in the order given. */
export function orderServers(urls: readonly string[], preferLocal: boolean): string[] {
  if (!preferLocal) return [...urls];
  const isLocal = (url: string) => isLocalHost(new URL(url).hostname);
  return [...urls.filter(isLocal), ...urls.filter((url) => !isLocal(url))];
}
