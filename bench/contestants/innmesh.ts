import { P2PConnection } from '@innmesh/webrtc';
import type { Contestant, Env, Link } from './link.ts';

const WINDOW_MESSAGES = 4_096;
const WINDOW_BYTES = 4 * 1024 * 1024;

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
    iceServers: env.iceServers ?? [],
  });
  connection.on('connected', ({ peerId }) => onLink(linkOf(connection, peerId)));
  await connection.connect();
}

function linkOf(connection: P2PConnection, peerId: string): Link {
  let unconfirmed = 0;
  let unconfirmedBytes = 0;
  const waiting: (() => void)[] = [];
  const isFull = () => unconfirmed > WINDOW_MESSAGES || unconfirmedBytes > WINDOW_BYTES;
  const confirmed = (sizeBytes: number) => {
    unconfirmed -= 1;
    unconfirmedBytes -= sizeBytes;
    if (!isFull()) for (const goOn of waiting.splice(0)) goOn();
  };
  return {
    send: (payload) => {
      const { delivered } = connection.send({ type: 'x-bench', data: payload }, peerId);
      unconfirmed += 1;
      unconfirmedBytes += payload.byteLength;
      delivered.then(() => confirmed(payload.byteLength));
      if (!isFull()) return undefined;
      return new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
    },
    onMessage: (handler) => {
      connection.on('message', (message) => {
        if (message.type === 'x-bench') handler(message.data as Uint8Array);
      });
    },
  };
}
