import { type Facts, type IceServerAnswer, type Judgement, peersOf } from '../facts.ts';
import { hostOf, sentence } from '../words.ts';

/** A STUN server tells a device its address on the internet (RFC 8489). */
export function judgeStun(facts: Facts): Judgement {
  const { stun, own, isBrowser } = facts;
  if (stun.length === 0) {
    return { verdict: 'skipped', words: 'No STUN server is set up; within one local network none is needed.' };
  }
  if (own.candidates.length === 0) {
    return {
      verdict: 'skipped',
      words: 'Without a network of its own, this device has no way to ask the STUN server.',
    };
  }
  const answers = stun.map((server) => ({ server, ...judgeOne(server, isBrowser) }));
  const unwell = answers.find(({ isWell }) => !isWell);
  const words = answers.map((answer) => answer.words).join(' ');
  if (!unwell) return { verdict: 'ok', words };
  if (isNeededByNobody(facts)) {
    return { verdict: 'ok', words: `${words} The links of this device stand within the local network, without it.` };
  }
  return {
    verdict: 'warning',
    words,
    advice: `Within one WiFi nothing depends on it. If devices on different networks shall reach each other, let UDP to ${hostOf(unwell.server.url)} out through the firewall, or set up another STUN server.`,
  };
}

function isNeededByNobody(facts: Facts): boolean {
  const peers = peersOf(facts).filter(({ state, failing }) => state === 'linked' || failing);
  return peers.length > 0 && peers.every(({ way }) => way?.path === 'host');
}

function judgeOne({ url, candidates, errors, isComplete, problem }: IceServerAnswer, isBrowser: boolean) {
  const seen = candidates.find(({ type }) => type === 'srflx');
  const [error] = errors;
  if (seen) return { isWell: true, words: `${url} answers: on the internet this device is ${seen.address}.` };
  if (problem !== null) return { isWell: false, words: sentence(`${url} could not be asked: ${problem}`) };
  if (error?.text.includes('lookup')) {
    return { isWell: false, words: `The name of ${url} is not known here; the internet may be down.` };
  }
  if (error) return { isWell: false, words: sentence(`${url} is of no use: ${error.text || 'it does not answer'}`) };
  if (!isComplete) return { isWell: false, words: `${url} does not answer.` };
  // Browsers leave out an address that is the device's own, and tell of an error. node-datachannel tells of nothing.
  if (isBrowser) return { isWell: true, words: `${url} tells of no address that this device does not have itself.` };
  return { isWell: false, words: `${url} tells of no address; its name may be unknown here.` };
}
