import { answersAnywhere, type Facts, type Judgement, knownRoom, type ServerAnswer } from '../facts.ts';
import type { Obstacle } from '../obstacle.ts';
import { sentence } from '../words.ts';
import { adviceAgainst, SAME_VERSION } from './obstacle-advice.ts';

/** Whether the server that introduces devices to each other is there, and lets this one in. */
export function judgeSignaling(facts: Facts): Judgement {
  const { servers, obstacle } = facts;
  const room = knownRoom(facts);
  const words = servers.map(describe).join(' ');
  const unwell = servers.find(({ outcome }) => outcome !== 'answers');
  const advice = unwell && { advice: ADVICE[unwell.outcome](unwell) };
  if (room?.isInRoom && answersAnywhere(facts)) {
    const isServed = `This device is in the hotel’s room. ${words}`;
    return { verdict: unwell ? 'warning' : 'ok', words: isServed, ...advice };
  }
  if (servers.every(({ outcome }) => outcome !== 'answers')) {
    const before = room?.isInRoom ? 'This device was in the hotel’s room until a moment ago. ' : '';
    const isLinked = room?.peers.some(({ state }) => state === 'linked');
    const meanwhile = isLinked ? ' Links that stand go on; only new devices have to wait.' : '';
    return { verdict: 'failed', words: before + words + meanwhile, ...advice };
  }
  if (room || obstacle) return judgeOutside(words, obstacle);
  return { verdict: unwell ? 'warning' : 'ok', words, ...advice };
}

/** A server answers, and this device has tried to come into its room. */
function judgeOutside(words: string, obstacle: Obstacle | null): Judgement {
  if (!obstacle) return { verdict: 'warning', words: `${words} But this device is not in its room yet.`, advice: WAIT };
  return {
    verdict: 'failed',
    words: sentence(`${words} But this device is not in its room: ${obstacle.words}`),
    advice: adviceAgainst(obstacle),
  };
}

const WAIT =
  'Look again in half a minute. If it is still outside then, it waits for its credential: see whether somebody has to let it in first, or reload the page.';

function describe({ url, outcome, afterMs, detail }: ServerAnswer): string {
  switch (outcome) {
    case 'answers':
      return `The server ${url} answers, after ${afterMs}\u00a0ms.`;
    case 'refused':
    case 'other-version':
      return sentence(`The server ${url} turns this device away: ${detail || 'it gives no reason'}`);
    case 'stranger':
      return `Something answers at ${url}, but it is no Innmesh server of this version.`;
    case 'silent':
      return `Nothing was heard from ${url} within ${Math.round(afterMs / 1000)} seconds.`;
    case 'unreachable':
      return `No server answers at ${url}.`;
    case 'blocked':
      return sentence(`This page may not call ${url}: ${detail}`);
  }
}

const healthOf = (url: string): string => new URL('/healthz', url.replace(/^ws/, 'http')).href;

const ADVICE: Record<ServerAnswer['outcome'], (server: ServerAnswer) => string> = {
  answers: () => '',
  refused: () => 'Wait a minute: it limits how often a device may come. If it goes on, look into the server’s log.',
  'other-version': () => SAME_VERSION,
  stranger: ({ url }) =>
    `Check the address. If it is right, bring the server at ${url} and this page to the same version.`,
  silent: ({ url }) =>
    `Restart the server. If that does not help, a firewall or proxy on the way swallows the connection: let WebSockets to ${new URL(url).host} through.`,
  unreachable: ({ url }) =>
    `Is this device on the hotel’s WiFi, and is the server switched on? Open ${healthOf(url)} on this device: what the browser says there is the reason.`,
  blocked: ({ url }) =>
    url.startsWith('ws:')
      ? 'A page that came by https: needs a server whose address begins with wss:. Give it a certificate, or open the page by http: from the server itself.'
      : 'Check the server’s address.',
};
