import { type DataConnection, Peer } from 'peerjs';
import type { Contestant, Env, Link } from './link.ts';
import { drained } from './watermark.ts';

export const contestant: Contestant = {
  wait(env, onLink) {
    const peer = createPeer(`${env.room}-waiter`, env);
    peer.on('connection', (connection) => connection.on('open', () => onLink(linkOf(connection))));
    return new Promise((resolve, reject) => {
      peer.on('open', () => resolve());
      peer.on('error', reject);
    });
  },

  // Not before `open`: PeerJS drops what it is given between its constructor and the opening of its socket.
  join(env) {
    const peer = createPeer(`${env.room}-newcomer`, env);
    return new Promise((resolve, reject) => {
      peer.on('error', reject);
      peer.on('open', () => {
        const connection = peer.connect(`${env.room}-waiter`, { serialization: 'raw', reliable: true });
        connection.on('open', () => resolve(linkOf(connection)));
      });
    });
  },
};

/** With an id of its own it need not ask the server for one over HTTP first. */
function createPeer(id: string, env: Env): Peer {
  const { hostname, port } = new URL(env.signalingUrl);
  const { iceServers = [] } = env;
  return new Peer(id, { host: hostname, port: Number(port), path: '/', secure: false, config: { iceServers } });
}

function linkOf(connection: DataConnection): Link {
  return {
    send: (payload) => {
      connection.send(payload);
      return drained(connection.dataChannel);
    },
    onMessage: (handler) => {
      connection.on('data', (data) => handler(new Uint8Array(data as ArrayBuffer)));
    },
  };
}
