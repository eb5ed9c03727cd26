import { isLocalHost } from '../../local-address.ts';
import type { Facts, Judgement } from '../facts.ts';

/**
 * Chromium asks people before a page from the internet may reach the network around it, and of pages without https: not
 * even that (WICG Local Network Access). So far that is for servers; links between devices it leaves alone.
 */
export function judgeLocalNetwork(facts: Facts): Judgement {
  const { localNetwork, isBrowser, isLocalPage, servers } = facts;
  if (!isBrowser) return { verdict: 'skipped', words: 'Only browsers ask whether a page may reach the local network.' };
  if (isLocalPage) {
    return { verdict: 'ok', words: 'This page comes from the local network itself, so the browser need not be asked.' };
  }
  if (localNetwork === 'unknown') return { verdict: 'skipped', words: 'This browser does not say whether it asks.' };
  if (localNetwork === 'granted') return { verdict: 'ok', words: 'This page may reach devices on the local network.' };
  const near = servers.filter(({ url }) => isLocalHost(new URL(url).hostname));
  if (near.some(({ outcome }) => outcome === 'answers')) {
    return { verdict: 'ok', words: 'This page reaches a server on the local network.' };
  }
  if (near.length === 0) return { verdict: 'ok', words: 'This page calls no server on the local network.' };
  return localNetwork === 'denied' ? judgeDenial(facts) : UNANSWERED;
}

function judgeDenial({ isSecurePage }: Facts): Judgement {
  if (!isSecurePage) {
    return {
      verdict: 'failed',
      words: 'This browser keeps the page from servers on the local network, as it did not come by https:.',
      advice: 'Open the page by https:, or the one that the server on the local network itself has.',
    };
  }
  return {
    verdict: 'failed',
    words: 'This browser keeps the page from servers on the local network: somebody chose “Block”.',
    advice:
      'Click the symbol to the left of the page’s address, open the site settings, set “Local network” to “Allow”, and reload the page.',
  };
}

const UNANSWERED: Judgement = {
  verdict: 'warning',
  words: 'The browser asks whether this page may reach devices on the local network, and nobody has answered yet.',
  advice: 'Choose “Allow” when it asks. Where it does not ask, reload the page.',
};
