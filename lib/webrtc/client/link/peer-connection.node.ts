import { RTCPeerConnection as PolyfilledPeerConnection } from 'node-datachannel/polyfill';

export const createPeerConnection = (configuration: RTCConfiguration): RTCPeerConnection =>
  new NodePeerConnection(
    configuration as ConstructorParameters<typeof PolyfilledPeerConnection>[0],
  ) as RTCPeerConnection;

/**
 * node-datachannel fails a DTLS handshake that is done before `setRemoteDescription` has returned, for it does not know
 * the fingerprint yet; on a local network that is one link out of ten. So the other side gets no address to begin with
 * until then.
 */
class NodePeerConnection extends PolyfilledPeerConnection {
  #heldCandidates: Event[] | null = [];

  #hasRemoteOffer = false;

  /** node-datachannel has it and throws. */
  override restartIce = undefined as never;

  /** node-datachannel wants to be told which description. */
  override async setLocalDescription(): Promise<void> {
    await super.setLocalDescription(await (this.#hasRemoteOffer ? this.createAnswer() : this.createOffer()));
  }

  override async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    this.#hasRemoteOffer = description.type === 'offer';
    await super.setRemoteDescription({ type: description.type, sdp: description.sdp ?? '' });
    const held = this.#heldCandidates ?? [];
    this.#heldCandidates = null;
    for (const event of held) super.dispatchEvent(event);
  }

  override dispatchEvent(event: Event): boolean {
    if (event.type !== 'icecandidate' || !this.#heldCandidates) return super.dispatchEvent(event);
    this.#heldCandidates.push(event);
    return true;
  }
}
