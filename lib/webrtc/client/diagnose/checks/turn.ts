import type { Facts, IceServerAnswer, Judgement } from '../facts.ts';
import { hostOf, sentence } from '../words.ts';

/** A TURN server relays between devices that cannot reach each other (RFC 8656). */
export function judgeTurn({ turn, areRelaysKnown, own, isBrowser }: Facts): Judgement {
  if (turn.length === 0) return { verdict: 'skipped', words: areRelaysKnown ? NO_RELAY : NOT_KNOWN };
  if (own.candidates.length === 0 && turn.every(({ candidates }) => candidates.length === 0)) {
    return { verdict: 'skipped', words: 'Without a network of its own, this device has no way to ask the relay.' };
  }
  const asked = turn.filter(({ url }) => isBrowser || !isOverTcp(url));
  const answers = asked.map(judgeOne);
  const unwell = answers.find(({ advice }) => advice !== undefined);
  const notAsked = turn.filter((server) => !asked.includes(server)).map(describeNotAsked);
  const words = [...answers.map((answer) => answer.words), ...notAsked].join(' ');
  if (asked.length === 0) return { verdict: 'skipped', words };
  if (!unwell?.advice) return { verdict: 'ok', words };
  const isAnyWell = answers.some(({ advice }) => advice === undefined);
  return { verdict: isAnyWell ? 'warning' : 'failed', words, advice: unwell.advice };
}

const NO_RELAY =
  'No relay (TURN server) is set up; where no direct way is found, the hotel’s server may carry a link, more slowly.';

const NOT_KNOWN =
  'No relay (TURN server) is set up here. Whether the hotel’s server lends one, only the tab or program knows that holds the connection.';

/** By TLS, too. node-datachannel leaves those out, and says nothing. */
const isOverTcp = (url: string): boolean => /^turns:|\?transport=tcp$/i.test(url);

const describeNotAsked = ({ url }: IceServerAnswer): string =>
  `The relay ${url} was not asked: programs in Node use relays over UDP only. Look at it from a browser.`;

const UNAUTHORIZED = 401;
const NO_ANSWER = 701;

function judgeOne({ url, candidates, errors, isComplete, problem }: IceServerAnswer): {
  words: string;
  advice?: string;
} {
  const relay = candidates.find(({ type }) => type === 'relay');
  if (relay) return { words: `The relay ${url} works, at ${relay.address}.` };
  if (problem !== null) {
    return {
      words: sentence(`The relay ${url} could not be asked: ${problem}`),
      advice: 'Check its address, username and credential.',
    };
  }
  const refusal = errors.find(({ code }) => code !== NO_ANSWER);
  if (refusal?.code === UNAUTHORIZED) {
    return { words: `The relay ${url} does not accept the user name and password.`, advice: CREDENTIALS };
  }
  if (refusal) {
    return {
      words: sentence(`The relay ${url} gives this device no address: ${refusal.text} (${refusal.code})`),
      advice:
        'Look into the TURN server’s log and settings: its quota, its ports, and which addresses it may relay to.',
    };
  }
  const [error] = errors;
  if (error?.text.includes('lookup')) {
    return {
      words: `The name of the relay ${url} is not known here.`,
      advice: 'Check its name, and this network’s DNS server.',
    };
  }
  if (isComplete && !error) {
    return {
      words: `The relay ${url} gives this device no address: its user name or password is wrong, or its name is not known here.`,
      advice: CREDENTIALS,
    };
  }
  return {
    words: `The relay ${url} does not answer.`,
    advice: `See that the TURN server runs, and let UDP and TCP to ${hostOf(url)} out through the firewall.`,
  };
}

const CREDENTIALS =
  'If the relay is in the settings (iceServers), check its username and credential there. If the hotel’s server lends it, compare that server’s INNMESH_TURN_SECRET with static-auth-secret of the TURN server (coturn), and the clocks of both: what is lent is good for a time.';
