import { type Facts, type Judgement, peersOf } from '../facts.ts';
import type { PeerAccount } from '../room-account.ts';
import { count, list, sentence } from '../words.ts';

/** The way to one device, or to all where none is named. */
export function judgeDirectPath(facts: Facts): Judgement {
  const { room, peerId } = facts;
  if (room === null) return { verdict: 'skipped', words: 'This device is not connected, so there are no links yet.' };
  if (room === 'silent') {
    return {
      verdict: 'warning',
      words: 'Another tab of this browser holds the connection, and does not answer.',
      advice: 'Show that tab, or close it: this one then takes its place.',
    };
  }
  if (peerId === undefined) return judgeAll(peersOf(facts));
  const peer = peersOf(facts).find((each) => each.peerId === peerId);
  if (peer) return judgeOne(peer);
  return {
    verdict: 'failed',
    words: 'That device is not here.',
    advice: 'Is it switched on, its page open, and on the hotel’s WiFi? Ask for a diagnosis on that device, too.',
  };
}

function judgeOne({ name, state, way, failing }: PeerAccount): Judgement {
  if (state === 'linked') return judgeWay(name, way);
  if (state === 'mending') {
    return {
      verdict: 'warning',
      words: `Nothing crosses the link to ${name} at this moment; another way is being looked for.`,
      advice: 'Look again in 15 seconds. Has one of the two devices just changed its WiFi, or gone out of its reach?',
    };
  }
  if (!failing) {
    return state === 'opening'
      ? {
          verdict: 'warning',
          words: `A link to ${name} is being made at this moment.`,
          advice: 'Look again in 15 seconds: an attempt has that long.',
        }
      : { verdict: 'ok', words: `No direct link to ${name} is needed now; one is made when something is sent to it.` };
  }
  const seconds = Math.round(failing.agoMs / 1000);
  const words = sentence(
    `There is no link to ${name}. ${count(failing.attempts, 'attempt')} failed, the last one ${seconds} seconds ago: ${failing.reason}`,
  );
  return { verdict: 'failed', words, advice: failing.isRefusal ? REFUSED : FAILED };
}

const REFUSED =
  'The two devices do not accept each other. Look whether both have the right date and time, and enrol the one again that was added last.';
const FAILED =
  'It is tried again by itself. Meanwhile messages go by way of other devices where they can. What else is wrong in this list is the likely cause; ask for a diagnosis on the other device, too.';

const TOGETHER = 'Put both devices on the same WiFi, one that does not keep devices apart.';

function judgeWay(name: string, way: PeerAccount['way']): Judgement {
  if (!way) return { verdict: 'ok', words: `A link to ${name} stands.` };
  if (way.path === 'host') return { verdict: 'ok', words: `A link to ${name} stands, directly (${way.ends}).` };
  if (way.path === 'reflexive') {
    return {
      verdict: 'warning',
      words: `A link to ${name} stands, but by way of the router’s public address (${way.ends}), not within the local network.`,
      advice: TOGETHER,
    };
  }
  if (way.path === 'signaling-relay') {
    return {
      verdict: 'warning',
      words: `A link to ${name} stands, but through the hotel’s server, as no direct way was found: slower, and gone when the server is.`,
      advice: TOGETHER,
    };
  }
  return {
    verdict: 'warning',
    words: `A link to ${name} stands, but through a relay on the internet (${way.ends}): slower, and it may cost money.`,
    advice: TOGETHER,
  };
}

function judgeAll(peers: PeerAccount[]): Judgement {
  if (peers.length === 0) {
    return {
      verdict: 'skipped',
      words: 'No other device is here.',
      advice: 'Open the page on the other device, and see that both belong to the same hotel.',
    };
  }
  const [only, ...rest] = peers;
  if (only && rest.length === 0) return judgeOne(only);
  const judged = peers.map((peer) => ({ peer, ...judgeOne(peer) }));
  const troubled = judged.filter(({ verdict }) => verdict !== 'ok');
  const overview = describeAll(peers);
  if (troubled.length === 0) return { verdict: 'ok', words: overview };
  const failed = troubled.filter(({ verdict }) => verdict === 'failed');
  const [worst, ...others] = failed.length > 0 ? failed : troubled;
  const names = list(others.map(({ peer }) => peer.name));
  const also = failed.length > 0 ? ` Nor is there one to ${names}.` : ` Nor is all well with the link to ${names}.`;
  return {
    verdict: worst?.verdict ?? 'ok',
    words: `${overview} ${worst?.words}${names && also}`,
    ...(worst?.advice && { advice: worst.advice }),
  };
}

function describeAll(peers: PeerAccount[]): string {
  const linked = peers.filter(({ state }) => state === 'linked').length;
  if (linked === peers.length) return `All ${linked} other devices here are linked to this one.`;
  const others = linked > 0 ? ' What is for the others goes by way of them, or by a link that is made for it.' : '';
  const number = linked > 0 ? `${linked}` : 'None';
  return `${number} of the ${peers.length} other devices here ${linked < 2 ? 'is' : 'are'} linked to this one.${others}`;
}
