import { type JsonSignaling, openJsonSignaling } from './json-signaling.ts';
import type { Contestant, Env, Link } from './link.ts';
import { drained } from './watermark.ts';

type Signal = { description?: RTCSessionDescriptionInit; candidate?: RTCIceCandidateInit };

export const contestant: Contestant = {
  async wait(env, onLink) {
    let peer: Peer | undefined;
    const signaling: JsonSignaling = openJsonSignaling<Signal>(env, (signal) => {
      if (!peer) {
        peer = createPeer(signaling, env);
        onLink(linkOf(peer.channel));
      }
      peer.receive(signal);
    });
    await signaling.opened;
  },

  async join(env) {
    const signaling: JsonSignaling = openJsonSignaling<Signal>(env, (signal) => peer.receive(signal));
    const peer = createPeer(signaling, env);
    await peer.offer();
    await new Promise((resolve) => peer.channel.addEventListener('open', resolve));
    return linkOf(peer.channel);
  },
};

type Peer = ReturnType<typeof createPeer>;

function createPeer(signaling: JsonSignaling, { iceServers = [] }: Env) {
  const connection = new RTCPeerConnection({ iceServers });
  const channel = connection.createDataChannel('bench', { negotiated: true, id: 0 });
  channel.binaryType = 'arraybuffer';
  connection.onicecandidate = ({ candidate }) => candidate?.candidate && signaling.send({ candidate });
  const describe = async () => {
    await connection.setLocalDescription();
    signaling.send({ description: connection.localDescription });
  };
  const apply = async ({ description, candidate }: Signal) => {
    if (description) await connection.setRemoteDescription(description);
    if (description?.type === 'offer') await describe();
    if (candidate) await connection.addIceCandidate(candidate);
  };
  return { channel, offer: describe, receive: apply };
}

function linkOf(channel: RTCDataChannel): Link {
  return {
    send: (payload) => {
      channel.send(payload);
      return drained(channel);
    },
    onMessage: (handler) => {
      channel.onmessage = ({ data }) => handler(new Uint8Array(data as ArrayBuffer));
    },
  };
}
