import type { Address, SignalingServer } from '../signaling/server.ts';

export interface ContestantEntry {
  name: string;
  /** What a page that uses this library imports, for the bundle size; none: nothing but the browser. */
  clientImport?: string;
  /** npm packages whose versions belong into the report. */
  packages: string[];
  /** Default: on loopback, at any port. */
  startSignaling(address?: Address): Promise<SignalingServer>;
  /** How long its waiting device still talks to the signaling server by itself after it is ready. */
  chattyMs: number;
  /** Takes a message of any length as one; with the others, what is long is sent as many. */
  takesLongMessages: boolean;
}

/** The first is the one the others are compared with. */
export const contestants: ContestantEntry[] = [
  {
    name: 'bare',
    packages: [],
    startSignaling: async (address) => (await import('../signaling/json-relay.ts')).startJsonRelay(address),
    chattyMs: 0,
    takesLongMessages: false,
  },
  {
    name: 'simple-peer',
    clientImport: `import client from 'simple-peer/simplepeer.min.js'`,
    packages: ['simple-peer'],
    startSignaling: async (address) => (await import('../signaling/json-relay.ts')).startJsonRelay(address),
    chattyMs: 0,
    takesLongMessages: false,
  },
  {
    name: 'peerjs',
    clientImport: `import { Peer as client } from 'peerjs'`,
    packages: ['peerjs', 'peer'],
    startSignaling: async (address) => (await import('../signaling/peer-server.ts')).startPeerServer(address),
    chattyMs: 0,
    takesLongMessages: false,
  },
  {
    name: 'trystero',
    clientImport: `import { joinRoom as client } from '@trystero-p2p/mqtt'`,
    packages: ['@trystero-p2p/mqtt', 'aedes'],
    startSignaling: async (address) => (await import('../signaling/mqtt-broker.ts')).startMqttBroker(address),
    chattyMs: 2500, // it announces itself after 233, 766 and 2,099 ms, then once a minute
    takesLongMessages: true,
  },
  {
    name: 'innmesh',
    clientImport: `import { P2PConnection as client } from '@innmesh/webrtc'`,
    packages: ['@innmesh/webrtc'],
    startSignaling: async (address) => (await import('../signaling/innmesh-server.ts')).startInnmeshServer(address),
    chattyMs: 500,
    takesLongMessages: true,
  },
];

export function chooseContestants(only: string[]): ContestantEntry[] {
  const names = contestants.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown) throw new Error(`--only: no contestant "${unknown}"; there are ${names.join(', ')}`);
  return contestants.filter(({ name }) => only.length === 0 || only.includes(name));
}
