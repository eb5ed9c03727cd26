import SimplePeer from 'simple-peer/simplepeer.min.js';
import { type JsonSignaling, openJsonSignaling } from './json-signaling.ts';
import type { Contestant, Env, Link } from './link.ts';

export const contestant: Contestant = {
  async wait(env, onLink) {
    let peer: SimplePeer | undefined;
    const signaling: JsonSignaling = openJsonSignaling<object>(env, (signal) => {
      peer ??= createPeer(false, signaling, env, onLink);
      peer.signal(signal);
    });
    await signaling.opened;
  },

  join(env) {
    return new Promise((resolve) => {
      const signaling: JsonSignaling = openJsonSignaling<object>(env, (signal) => peer.signal(signal));
      const peer = createPeer(true, signaling, env, resolve);
    });
  },
};

function createPeer(
  initiator: boolean,
  signaling: JsonSignaling,
  { iceServers = [] }: Env,
  onLink: (link: Link) => void,
): SimplePeer {
  const peer = new SimplePeer({ initiator, trickle: true, config: { iceServers } });
  peer.on('signal', (signal) => signaling.send(signal));
  peer.on('connect', () => onLink(linkOf(peer)));
  return peer;
}

const HIGH_BYTES = 128 * 1024;

/**
 * `send()` is its fast way; only `write()` says when the channel has drained (at 64 KiB). Both keep the order and the
 * messages apart, so the one message that has to wait goes through `write()`.
 */
function linkOf(peer: SimplePeer): Link {
  return {
    send: (payload) => {
      if (peer.bufferSize >= HIGH_BYTES) return new Promise<void>((resolve) => peer.write(payload, resolve));
      peer.send(payload);
      return undefined;
    },
    onMessage: (handler) => {
      peer.on('data', handler);
    },
  };
}
