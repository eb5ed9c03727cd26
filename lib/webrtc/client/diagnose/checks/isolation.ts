import { answersAnywhere, type Facts, hostsOf, type Judgement } from '../facts.ts';
import type { PeerAccount } from '../room-account.ts';
import { count, list } from '../words.ts';

const FIND_OUT =
  'See first that all of these devices are on the same WiFi, by its name. If they are, the WiFi keeps devices apart: ask whoever runs it to switch off “client isolation” (also called AP isolation, guest mode, or peer-to-peer blocking) for the network that they use, or to give them one without it. On a Mac, iPhone or iPad, also allow this browser in Settings, Privacy & Security, Local Network.';

/** Access points can keep the devices on a WiFi apart: each reaches the internet and none another. */
export function judgeIsolation(facts: Facts): Judgement {
  const { room, own } = facts;
  if (room === null) return skipped('This shows only while the device is connected.');
  if (room === 'silent') return skipped('The browser tab that holds the connection does not tell.');
  if (hostsOf(own).length === 0 || !answersAnywhere(facts)) {
    return skipped('As long as this device has no address, or reaches no server, it cannot be told.');
  }
  const direct = room.peers.filter(({ state, way }) => state === 'linked' && way?.path === 'host');
  const apart = room.peers.filter(isKeptApart);
  if (direct.length > 0 && apart.length === 0) {
    return {
      verdict: 'ok',
      words: `Devices on this network reach each other: ${count(direct.length, 'direct link')}.`,
    };
  }
  if (apart.length === 0) return skipped('No attempt at a link is failing, and no direct link stands.');
  const names = list(apart.map(({ name }) => name));
  if (direct.length > 0) {
    return {
      verdict: 'warning',
      words: `${count(direct.length, 'device is', 'devices are')} reached directly, but not ${names}. Most likely they are on another network, or another WiFi of the hotel’s.`,
      advice: FIND_OUT,
    };
  }
  return {
    verdict: apart.length > 1 ? 'failed' : 'warning',
    words: `This device has an address and reaches the server, and ${names} ${apart.length === 1 ? 'is' : 'are'} here too, but no direct link opens. So it looks where the WiFi keeps devices apart (client isolation), or where they are on different networks.`,
    advice: FIND_OUT,
  };
}

const skipped = (words: string): Judgement => ({ verdict: 'skipped', words });

/** It is there, and either no way to it was found or only one that leaves the network. */
function isKeptApart({ isPresent, state, way, failing }: PeerAccount): boolean {
  if (state === 'linked') return way !== null && way.path !== 'host';
  return isPresent && failing !== null && !failing.isRefusal && !failing.wasOpen;
}
