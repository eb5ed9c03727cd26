import { answersAnywhere, type Facts, type Judgement } from '../facts.ts';

/** Chromium gathers nothing at all where no default route says which network is this device's own. */
export function judgeDefaultRoute(facts: Facts): Judgement {
  const { own, isBrowser } = facts;
  if (!isBrowser) {
    return { verdict: 'skipped', words: 'Browsers need a network with a router; a program like this one does not.' };
  }
  if (own.problem !== null) return { verdict: 'skipped', words: 'This browser makes no connection to see it with.' };
  if (own.candidates.length > 0) return { verdict: 'ok', words: 'The network tells this device its router.' };
  if (!answersAnywhere(facts)) {
    return {
      verdict: 'failed',
      words: 'This device seems to be on no network: the browser has no address, and no server answers.',
      advice: 'Switch the WiFi on and choose the hotel’s network, or plug in the network cable.',
    };
  }
  return {
    verdict: 'failed',
    words:
      'The server answers, and still the browser sees no network to link devices over. Most likely the network names no router (“default gateway”), without which browsers link to nobody.',
    advice:
      'Have the network’s DHCP server hand out a default gateway (it need not lead to the internet); where this device has a fixed address, enter one. If there is one, a VPN, a privacy extension or a company’s policy may keep this browser’s WebRTC off the network: switch it off for this page.',
  };
}
