import { TurnError } from '../errors.ts';
import { isTurnUrl } from './ice-servers.ts';

/** Tells when none of the relays takes this device: once for each list of them, however many connections try. */
export class RelayWatch {
  readonly #failed: (error: TurnError) => void;
  #toldOf: readonly RTCIceServer[] | null = null;

  constructor(failed: (error: TurnError) => void) {
    this.#failed = failed;
  }

  /** `iceServers`: what the connection was made with. */
  watch(connection: RTCPeerConnection, iceServers: readonly RTCIceServer[]): void {
    if (!iceServers.some(({ urls }) => [urls].flat().some(isTurnUrl))) return;
    let error: TurnError | null = null;
    connection.addEventListener('icecandidateerror', ({ url, errorCode, errorText }) => {
      if (isTurnUrl(url)) error = new TurnError(url, errorCode, errorText);
    });
    // Not before: one network or server of several may do.
    connection.addEventListener('icegatheringstatechange', () => {
      const { iceGatheringState, localDescription } = connection;
      if (!error || iceGatheringState !== 'complete' || / typ relay/.test(localDescription?.sdp ?? '')) return;
      if (this.#toldOf === iceServers) return;
      this.#toldOf = iceServers;
      this.#failed(error);
    });
  }
}
