import { type Facts, hostsOf, isName, type Judgement, peersOf } from '../facts.ts';

/** Browsers hide a device's addresses behind names that only its own network segment can look up (mDNS, RFC 6762). */
export function judgeMdns(facts: Facts): Judgement {
  const hosts = hostsOf(facts.own);
  if (hosts.length === 0) return { verdict: 'skipped', words: 'There is no address to hide behind a name.' };
  if (!hosts.some(isName)) {
    return {
      verdict: 'ok',
      words: 'This device gives others its addresses as they are; no names have to be looked up.',
    };
  }
  const hidden = 'The browser hides this device’s addresses behind names (mDNS)';
  const isLinked = peersOf(facts).some(({ way }) => way?.path === 'host');
  if (isLinked) return { verdict: 'ok', words: `${hidden}, and links to other devices stand all the same.` };
  if (facts.isOwnNameFound) return { verdict: 'ok', words: `${hidden}, and they can be found on this device.` };
  return {
    verdict: 'warning',
    words: `${hidden}, and does not find its own name again. Others will not either.`,
    advice:
      'Let UDP port 5353 (mDNS) through this device’s firewall, and do not let the WiFi block or filter multicast. A VPN on this device may also be in the way.',
  };
}
