import { createHmac } from 'node:crypto';
import type { ServerMessage } from '@innmesh/protocol';
import type { TurnSettings } from './turn-options.ts';

export type TurnLoan = Extract<ServerMessage, { type: 'turn' }>;

/** Makes what a device shows to a relay; nothing of it is kept, as coturn computes the same. */
export class TurnLender {
  readonly #settings: TurnSettings;

  constructor(settings: TurnSettings) {
    this.#settings = settings;
  }

  /** A device is lent the relays anew when half of the time is over. */
  get renewAfterMs(): number {
    return (this.#settings.lifetimeSeconds * 1000) / 2;
  }

  lend(peerId: string, nowMs: number): TurnLoan {
    const { urls, secret, lifetimeSeconds } = this.#settings;
    const expiresAt = Math.floor(nowMs / 1000) + lifetimeSeconds;
    const password = createHmac('sha1', secret).update(`${expiresAt}:${peerId}`).digest();
    return { type: 'turn', urls: [...urls], expiresAt, password: new Uint8Array(password) };
  }
}
