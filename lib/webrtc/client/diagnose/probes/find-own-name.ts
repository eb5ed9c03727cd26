import { close, type GatherDeps } from './gather.ts';
import { within } from './within.ts';

const OWN_NAME_TIMEOUT_MS = 2_500;

/**
 * Whether two connections of this page link by the names (mDNS, RFC 6762) that it gives others for its addresses. A device
 * that cannot find its own name is not found by others either.
 */
export async function findOwnName({ clock, createPeerConnection }: GatherDeps): Promise<boolean> {
  const connections: RTCPeerConnection[] = [];
  try {
    for (let count = 0; count < 2; count += 1) connections.push(createPeerConnection({ iceServers: [] }));
    const [one, other] = connections as [RTCPeerConnection, RTCPeerConnection];
    return await within(clock, OWN_NAME_TIMEOUT_MS, link(one, other), () => false);
  } catch {
    return false;
  } finally {
    for (const connection of connections) close(connection);
  }
}

async function link(one: RTCPeerConnection, other: RTCPeerConnection): Promise<boolean> {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined).catch(() => {});
    from.createDataChannel('', { negotiated: true, id: 0 });
  }
  const isLinked = new Promise<boolean>((resolve) => {
    one.onconnectionstatechange = () => {
      if (one.connectionState === 'connected') resolve(true);
    };
  });
  const offer = await one.createOffer();
  await other.setRemoteDescription(offer);
  await one.setLocalDescription(offer);
  const answer = await other.createAnswer();
  await one.setRemoteDescription(answer);
  await other.setLocalDescription(answer);
  return isLinked;
}
