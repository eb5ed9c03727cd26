import { once } from 'node:events';
import {
  decodeForDevice,
  encodeSignaling,
  type RelayMessage,
  type RosterEntry,
  type ServerMessage,
  SIGNALING_SUBPROTOCOL,
} from '@innmesh/protocol';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { joinMessage, type Seat } from '../../../lib/webrtc/server/test-support/device-keys.ts';

/** A device without a library: it is let in, and then signals what it likes. */
export class RawDevice {
  readonly roster: RosterEntry[] = [];
  readonly heard: (ServerMessage | RelayMessage)[] = [];
  readonly #socket: WebSocket;

  private constructor(url: string) {
    this.#socket = new WebSocket(url, SIGNALING_SUBPROTOCOL);
    onTestFinished(() => this.#socket.terminate());
    this.#socket.on('message', (data: Buffer) => this.heard.push(decodeForDevice(new Uint8Array(data))));
  }

  /** Resolves in the room. */
  static async enter(url: string, seat: Seat): Promise<RawDevice> {
    const device = new RawDevice(url);
    const challenge = await device.#next('challenge');
    const { host } = new URL(url);
    device.#send(encodeSignaling(joinMessage(challenge.nonce, { ...seat, host })));
    const { roster } = await device.#next('welcome');
    device.roster.push(...roster);
    return device;
  }

  say(message: RelayMessage): void {
    this.#send(encodeSignaling(message));
  }

  #send(frame: Uint8Array): void {
    this.#socket.send(frame);
  }

  async #next<Type extends ServerMessage['type']>(type: Type): Promise<Extract<ServerMessage, { type: Type }>> {
    for (;;) {
      const message = this.heard.find((each) => each.type === type);
      if (message) return message as Extract<ServerMessage, { type: Type }>;
      await once(this.#socket, 'message');
    }
  }
}
