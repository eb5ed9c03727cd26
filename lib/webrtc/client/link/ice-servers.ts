import type { TurnMessage } from '../signaling/signaling-socket.ts';

/** What connections find their way with: the configured servers, and the relays that the signaling server lends. */
export class IceServers {
  readonly configured: readonly RTCIceServer[];
  #all: readonly RTCIceServer[];
  #lent: RTCIceServer | null = null;

  constructor(configured: readonly RTCIceServer[]) {
    this.configured = configured;
    this.#all = configured;
  }

  /** For the next connection or ICE restart; the same list until it changes. */
  get all(): readonly RTCIceServer[] {
    return this.#all;
  }

  /** `null` while there is nothing to give back. */
  get lent(): RTCIceServer | null {
    return this.#lent;
  }

  /** In place of those before. `peerId`: to whom they are lent. */
  lend({ urls, expiresAt, password }: TurnMessage, peerId: string): void {
    const credential = btoa(String.fromCharCode(...password));
    this.#lent = { urls, username: `${expiresAt}:${peerId}`, credential };
    this.#all = [...this.configured, this.#lent];
  }

  /** Does without what was lent, until it is lent anew; `null` where there is nothing to give back. */
  giveBack(): RTCIceServer | null {
    const lent = this.#lent;
    this.#lent = null;
    this.#all = this.configured;
    return lent;
  }
}

/** RFC 7065. */
export const isTurnUrl = (url: string): boolean => /^turns?:/i.test(url);
