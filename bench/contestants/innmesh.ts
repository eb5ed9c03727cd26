import { P2PConnection } from '@innmesh/webrtc';
import type { Contestant, Env, Link } from './link.ts';

const WINDOW_MESSAGES = 256;
const WINDOW_BYTES = 1024 * 1024;

export const contestant: Contestant = {
  async wait(env, onLink) {
    await enterRoom('waiter', env, onLink);
  },

  join: (env) => new Promise((resolve, reject) => enterRoom('newcomer', env, resolve).catch(reject)),
};

async function enterRoom(name: string, env: Env, onLink: (link: Link) => void): Promise<void> {
  const connection = new P2PConnection({
    signalingServers: [env.signalingUrl],
    tenantId: env.room,
    deviceInfo: { type: 'staff', name, capabilities: [] },
    iceServers: [],
  });
  connection.on('connected', ({ peerId }) => onLink(linkOf(connection, peerId)));
  await connection.connect();
}

function linkOf(connection: P2PConnection, peerId: string): Link {
  const unconfirmed: { delivered: Promise<unknown>; sizeBytes: number }[] = [];
  let unconfirmedBytes = 0;
  return {
    send: (payload) => {
      const { delivered } = connection.send({ type: 'x-bench', data: payload }, peerId);
      unconfirmed.push({ delivered, sizeBytes: payload.byteLength });
      unconfirmedBytes += payload.byteLength;
      if (unconfirmed.length <= WINDOW_MESSAGES && unconfirmedBytes <= WINDOW_BYTES) return undefined;
      const oldest = unconfirmed.shift();
      unconfirmedBytes -= oldest?.sizeBytes ?? 0;
      return oldest?.delivered;
    },
    onMessage: (handler) => {
      connection.on('message', (message) => {
        if (message.type === 'x-bench') handler(message.data as Uint8Array);
      });
    },
  };
}
