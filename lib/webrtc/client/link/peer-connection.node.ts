import { RTCPeerConnection as PolyfilledPeerConnection } from 'node-datachannel/polyfill';
import { isTurnUrl } from './ice-servers.ts';
import { PairCounter } from './pair-counter.node.ts';

export const createPeerConnection = (configuration: RTCConfiguration): RTCPeerConnection =>
  new NodePeerConnection(configuration) as RTCPeerConnection;

type PolyfillConfiguration = ConstructorParameters<typeof PolyfilledPeerConnection>[0];

/**
 * node-datachannel fails a DTLS handshake that is done before `setRemoteDescription` has returned, for it does not know
 * the fingerprint yet; on a local network that is one link out of ten. So the other side gets no address to begin with
 * until then.
 */
class NodePeerConnection extends PolyfilledPeerConnection {
  #heldCandidates: Event[] | null = [];
  readonly #pairs = new PairCounter();

  #hasRemoteOffer = false;

  /** node-datachannel has it and throws. */
  override restartIce = undefined as never;

  constructor(configuration: RTCConfiguration) {
    const iceServers = (configuration.iceServers ?? []).map(forNative).filter(({ urls }) => urls.length > 0);
    super({ ...configuration, iceServers } as PolyfillConfiguration);
    const turnUrl = iceServers.flatMap(({ urls }) => urls).find(isTurnUrl);
    if (turnUrl) this.addEventListener('icegatheringstatechange', () => this.#tellOfRelays(turnUrl));
  }

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

  override async getStats(): Promise<RTCStatsReport> {
    return this.#pairs.count((await super.getStats()) as unknown as Map<string, RTCStats>);
  }

  /** node-datachannel does not say what a relay has against it. */
  #tellOfRelays(url: string): void {
    if (this.iceGatheringState !== 'complete' || / typ relay/.test(this.localDescription?.sdp ?? '')) return;
    const errorText = 'it gave no address';
    super.dispatchEvent(Object.assign(new Event('icecandidateerror'), { url, errorCode: 701, errorText }));
  }
}

/** node-datachannel puts both into the URL, in front of the host, and knows no STUN over TLS. */
function forNative({ urls, username = '', credential = '' }: RTCIceServer) {
  return {
    urls: [urls].flat().filter((url) => !/^stuns:/i.test(url)),
    username: encodeURIComponent(username),
    credential: encodeURIComponent(credential),
  };
}
