import type { AddressInfo } from 'node:net';
import { PeerServer } from 'peer';
import type { SignalingServer } from './server.ts';

/** PeerJS' own server. */
export function startPeerServer(): Promise<SignalingServer> {
  return new Promise((resolve) => {
    PeerServer({ host: '127.0.0.1', port: 0, path: '/' }, (server) => {
      const { port } = server.address() as AddressInfo;
      resolve({ port, close: async () => void server.close() });
    });
  });
}
