import { type Candidate, type Facts, isName, type Judgement } from '../facts.ts';
import { count, list, sentence } from '../words.ts';

/** The addresses that this device can offer to others. */
export function judgeCandidates({ own, stun, turn }: Facts): Judgement {
  if (own.problem !== null) {
    return {
      verdict: 'failed',
      words: sentence(`No connection for links (WebRTC) can be made here: ${own.problem}`),
      advice:
        'Use an up-to-date Chrome, Edge, Firefox or Safari. If it is one, a privacy extension or a company’s policy has switched WebRTC off.',
    };
  }
  const found = unique([own, ...stun, ...turn].flatMap(({ candidates }) => candidates));
  if (found.length === 0) {
    return {
      verdict: 'failed',
      words: 'This device has found no address at which others could reach it.',
      advice: 'Connect it to the hotel’s network and look again.',
    };
  }
  const of = (type: Candidate['type']) => found.filter((each) => each.type === type);
  const parts = [
    describeHosts(of('host')),
    describe(of('srflx'), 'on the internet'),
    describe(of('relay'), 'at a relay'),
  ];
  return { verdict: 'ok', words: `Others can reach this device at ${list(parts.filter((part) => part !== ''))}.` };
}

const unique = (candidates: Candidate[]): Candidate[] => [
  ...new Map(candidates.map((candidate) => [`${candidate.type} ${candidate.address}`, candidate])).values(),
];

function describeHosts(hosts: Candidate[]): string {
  if (hosts.length === 0) return '';
  const addresses = `${count(hosts.length, 'address', 'addresses')} on the local network`;
  const isHidden = hosts.every(isName);
  return `${addresses} (${isHidden ? 'which the browser hides behind names' : list(hosts.map(({ address }) => address))})`;
}

function describe(found: Candidate[], where: string): string {
  return found.length === 0 ? '' : `one ${where} (${list(found.map(({ address }) => address))})`;
}
