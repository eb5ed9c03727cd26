import type { PathKind } from '../../public-types.ts';
import type { Candidate, Facts, Gathered, IceServerAnswer, ServerAnswer } from '../facts.ts';
import type { PeerAccount } from '../room-account.ts';

export const NAME = '4dba538d-29b4-4a6f-9589-f68226658388.local';
export const FAR_SERVER = 'wss://signaling.example.com';

export const gathered = (...candidates: Candidate[]): Gathered => {
  return { candidates, errors: [], isComplete: true, problem: null };
};

export const candidate = (type: Candidate['type'], address: string): Candidate => ({ type, address, protocol: 'udp' });

export const server = (outcome: ServerAnswer['outcome'], url = FAR_SERVER, detail = ''): ServerAnswer => {
  return { url, outcome, afterMs: 4_000, detail };
};

export const iceServer = (url: string, answer: Partial<Gathered>): IceServerAnswer => {
  return { url, ...gathered(), ...answer };
};

export const peer = (name: string, facts: Partial<PeerAccount> = {}): PeerAccount => {
  const absent = { state: 'unlinked', way: null, failing: null } as const;
  return { peerId: name, name, isPresent: true, ...absent, ...facts };
};

export const linkedPeer = (name: string, path: PathKind = 'host'): PeerAccount =>
  peer(name, { state: 'linked', way: { path, ends: 'host ↔ host' } });

export const timedOutPeer = (name: string, failure: { isRefusal?: boolean; wasOpen?: boolean } = {}): PeerAccount => {
  const reason = 'it did not open within 15 s.';
  return peer(name, {
    failing: { attempts: 3, reason, isRefusal: false, wasOpen: false, agoMs: 8_000, ...failure },
  });
};

export const roomOf = (...peers: PeerAccount[]): Facts['room'] => ({ isInRoom: true, obstacle: null, peers });

/** Of a page on which all is well and nobody else is there. */
export const factsOf = (facts: Partial<Facts> = {}): Facts => {
  return {
    ...{
      isBrowser: true,
      pageHost: 'hotel.example',
      isSecurePage: true,
      localNetwork: 'granted',
      obstacle: null,
      peerId: undefined,
    },
    ...{ servers: [server('answers')], own: gathered(candidate('host', NAME)), isOwnNameFound: true },
    ...{ stun: [], turn: [], areRelaysKnown: true, room: null },
    ...facts,
  };
};
