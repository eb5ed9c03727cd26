import type { Facts, IceServerAnswer, Judgement } from '../facts.ts';
import { hostOf, sentence } from '../words.ts';

/** A TURN server relays between devices that cannot reach each other (RFC 8656). */
export function judgeTurn({ turn, own }: Facts): Judgement {
  if (turn.length === 0) {
    return { verdict: 'skipped', words: 'No relay (TURN server) is set up; devices link directly or not at all.' };
  }
  if (own.candidates.length === 0 && turn.every(({ candidates }) => candidates.length === 0)) {
    return { verdict: 'skipped', words: 'Without a network of its own, this device has no way to ask the relay.' };
  }
  const answers = turn.map(judgeOne);
  const unwell = answers.find(({ advice }) => advice !== undefined);
  const words = answers.map((answer) => answer.words).join(' ');
  if (!unwell?.advice) return { verdict: 'ok', words };
  const isAnyWell = answers.some(({ advice }) => advice === undefined);
  return { verdict: isAnyWell ? 'warning' : 'failed', words, advice: unwell.advice };
}

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
  'Check username and credential of the TURN server in the settings (iceServers). Those that are made for a time also fail where this device’s or the server’s clock is wrong.';
