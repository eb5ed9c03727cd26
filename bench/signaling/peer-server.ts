import type { AddressInfo } from 'node:net';
import { PeerServer } from 'peer';
import { LOOPBACK, type SignalingServer } from './server.ts';

/** PeerJS' own server. */
export function startPeerServer(address = LOOPBACK): Promise<SignalingServer> {
  return new Promise((resolve) => {
    PeerServer({ ...address, path: '/' }, (server) => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: async () => void server.close() });
    });
  });
}
