import { type Facts, isInRoom, type Judgement, peersOf, type ServerAnswer } from '../facts.ts';
import { sentence } from '../words.ts';

/** Whether the server that introduces devices to each other is there, and lets this one in. */
export function judgeSignaling(facts: Facts): Judgement {
  const { servers, refusal, room } = facts;
  const well = servers.filter(({ outcome }) => outcome === 'answers');
  const [unwell] = servers.filter(({ outcome }) => outcome !== 'answers');
  const words = servers.map(describe).join(' ');
  if (isInRoom(room)) {
    const isServed = `This device is in the hotel’s room. ${words}`;
    return unwell
      ? { verdict: 'warning', words: isServed, advice: ADVICE[unwell.outcome](unwell) }
      : { verdict: 'ok', words: isServed };
  }
  if (well.length > 0 && refusal !== null) {
    return {
      verdict: 'failed',
      words: sentence(`${words} It does not let this device in: ${refusal}`),
      advice: 'Reload the page. If it is still kept out, enrol the device again, or ask a manager to let it in.',
    };
  }
  if (well.length > 0 && !unwell) return { verdict: 'ok', words };
  const advice = unwell && ADVICE[unwell.outcome](unwell);
  if (well.length > 0) return { verdict: 'warning', words, ...(advice && { advice }) };
  const standing = peersOf(facts).some(({ state }) => state === 'linked');
  const meanwhile = standing ? ' Links that stand go on; only new devices have to wait.' : '';
  return { verdict: 'failed', words: words + meanwhile, ...(advice && { advice }) };
}

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
  'other-version': () => 'Bring the server and this page to the same version: reload the page, or update the server.',
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
