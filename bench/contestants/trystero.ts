import { joinRoom } from '@trystero-p2p/mqtt';
import type { Contestant, Env, Link } from './link.ts';

export const contestant: Contestant = {
  async wait(env, onLink) {
    enterRoom(env, onLink);
  },

  join: (env) => new Promise((resolve) => enterRoom(env, resolve)),
};

function enterRoom(env: Env, onLink: (link: Link) => void): void {
  const { iceServers = [] } = env;
  const room = joinRoom(
    { appId: 'bench', relayConfig: { urls: [env.signalingUrl], redundancy: 1 }, rtcConfig: { iceServers } },
    env.room,
  );
  const action = room.makeAction<Uint8Array>('bench');
  room.onPeerJoin = (target) =>
    onLink({
      // Its promise resolves when the message is with the channel, which it keeps at 64 KiB.
      send: (payload) => action.send(payload, { target }),
      onMessage: (handler) => {
        action.onMessage = handler;
      },
    });
}
