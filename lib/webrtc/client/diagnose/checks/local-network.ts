import { isLocalHost } from '../../local-address.ts';
import type { Facts, Judgement } from '../facts.ts';

/** Chromium asks people before a page from the internet may reach the network around it (WICG Local Network Access). */
export function judgeLocalNetwork({ localNetwork, isBrowser, isLocalPage, servers }: Facts): Judgement {
  if (!isBrowser) return { verdict: 'skipped', words: 'Only browsers ask whether a page may reach the local network.' };
  if (localNetwork === 'unknown') return { verdict: 'skipped', words: 'This browser does not say whether it asks.' };
  if (isLocalPage) {
    return { verdict: 'ok', words: 'This page comes from the local network itself, so the browser need not be asked.' };
  }
  if (localNetwork === 'granted') return { verdict: 'ok', words: 'This page may reach devices on the local network.' };
  if (localNetwork === 'denied') {
    return {
      verdict: 'failed',
      words: 'This browser keeps the page from reaching devices on the local network: somebody chose “Block”.',
      advice:
        'Click the symbol to the left of the page’s address, open the site settings, set “Local network” to “Allow”, and reload the page.',
    };
  }
  const needsIt = servers.some(({ url }) => isLocalHost(new URL(url).hostname));
  if (!needsIt) return { verdict: 'ok', words: 'The browser will ask before this page reaches the local network.' };
  return {
    verdict: 'warning',
    words: 'The browser asks whether this page may reach devices on the local network, and nobody has answered yet.',
    advice: 'Choose “Allow” when it asks. Where it does not ask, reload the page.',
  };
}
