import { isLocalHost } from '../../local-address.ts';
import { answersAnywhere, type Facts, type Judgement, type ServerAnswer } from '../facts.ts';
import { list } from '../words.ts';

/**
 * Chromium asks people before a page from the internet may reach the network around it, and of pages without https: not
 * even that (WICG Local Network Access). So far that is for servers; links between devices it leaves alone.
 */
export function judgeLocalNetwork(facts: Facts): Judgement {
  const { localNetwork, isBrowser, pageHost, isSecurePage, servers } = facts;
  if (!isBrowser) return { verdict: 'skipped', words: 'Only browsers ask whether a page may reach the local network.' };
  if (isLocalHost(pageHost)) {
    return { verdict: 'ok', words: 'This page comes from the local network itself, so the browser need not be asked.' };
  }
  if (localNetwork === 'unknown') return { verdict: 'skipped', words: 'This browser does not say whether it asks.' };
  if (localNetwork === 'granted') return { verdict: 'ok', words: 'This page may reach devices on the local network.' };
  if (servers.some((server) => isNear(server) && server.outcome === 'answers')) {
    return { verdict: 'ok', words: 'This page reaches a server on the local network.' };
  }
  const unheard = servers.filter((server) => UNHEARD.has(server.outcome) && hostnameOf(server) !== pageHost);
  if (unheard.length === 0) return { verdict: 'ok', words: 'Nothing keeps this page from the servers that it calls.' };
  const isAnyNear = unheard.some(isNear);
  const isLikely = !answersAnywhere(facts) || (isAnyNear && localNetwork === 'denied');
  const { words, advice } = localNetwork === 'prompt' ? UNANSWERED : isSecurePage ? BLOCKED : INSECURE;
  const hint = isAnyNear ? '' : ` That may be why nothing was heard from ${list(unheard.map(({ url }) => url))}.`;
  return { verdict: isLikely ? 'failed' : 'warning', words: words + hint, advice };
}

/** One that the browser keeps a page from looks like this. It keeps none from the host that it came from. */
const UNHEARD: ReadonlySet<ServerAnswer['outcome']> = new Set(['silent', 'unreachable', 'blocked']);

const hostnameOf = ({ url }: ServerAnswer): string => new URL(url).hostname;

/** By its name: one that is not of the local network may stand for an address that is, which no page is told. */
const isNear = (server: ServerAnswer): boolean => isLocalHost(hostnameOf(server));

const INSECURE = {
  words: 'This browser keeps the page from servers on the local network, as it did not come by https:.',
  advice: 'Open the page by https:, or the one that the server on the local network itself has.',
};

const BLOCKED = {
  words: 'This browser keeps the page from servers on the local network: somebody chose “Block”.',
  advice:
    'Click the symbol to the left of the page’s address, open the site settings, set “Local network” to “Allow”, and reload the page.',
};

const UNANSWERED = {
  words: 'The browser asks before this page may reach the local network, and nobody has allowed it yet.',
  advice: 'Choose “Allow” when it asks. Where it does not ask, reload the page.',
};
