import type { ManualClock } from '@innmesh/kit';
import {
  decodeForDevice,
  encodeSignaling,
  type RelayMessage,
  type ServerMessage,
  type SignalingMessage,
} from '@innmesh/protocol';
import { anywhere, type Remote } from '../remote.ts';
import type { SignalingCore } from '../signaling-core.ts';
import type { Socket, SocketEvents } from '../socket.ts';
import { HOST, joinMessage, type Seat } from './device-keys.ts';

export { deviceNamed, idOf, type Seat } from './device-keys.ts';

/** What is told of others has arrived by then, however many there were (see `News`). */
export const NEWS_MS = 1_000;

type Frame = Uint8Array<ArrayBuffer>;
export type Ending = { code: number; reason: string } | 'terminated';

/** The server's end of a connection that exists only here. */
export class FakeSocket implements Socket {
  isOpen = true;
  bufferedBytes = 0;
  ending: Ending | null = null;
  readonly sent: Frame[] = [];
  /** Set where a runtime tells of the end before `terminate()` returns. */
  onTerminate: () => void = () => {};
  send(frame: Frame): void {
    this.sent.push(frame);
  }
  close(code: number, reason: string): void {
    this.isOpen = false;
    this.ending = { code, reason };
  }
  terminate(): void {
    this.isOpen = false;
    this.ending = 'terminated';
    this.onTerminate();
  }
}

/** A device at the other end of a fake socket. */
export class FakeDevice {
  readonly socket = new FakeSocket();
  readonly events: SocketEvents;
  /** What the server sent first, to be signed. */
  readonly challenge: Uint8Array<ArrayBuffer>;
  readonly development: boolean;
  slot = -1;

  constructor(core: SignalingCore, remote: Remote = { ...anywhere, host: HOST }) {
    this.events = core.accept(this.socket, remote);
    this.socket.onTerminate = () => this.events.closed();
    const [first] = this.heard();
    if (first?.type !== 'challenge') throw new Error('The server began without a challenge.');
    this.challenge = first.nonce;
    this.development = first.development;
  }

  say(message: SignalingMessage): void {
    this.sendRaw(encodeSignaling(message));
  }

  sendRaw(frame: Frame | null): void {
    this.events.received(frame);
  }

  /** Joins and returns everything that came of it. */
  join(seat: Seat = {}): (ServerMessage | RelayMessage)[] {
    this.say(joinMessage(this.challenge, seat));
    const heard = this.heard();
    const welcome = heard.find(({ type }) => type === 'welcome');
    if (welcome?.type === 'welcome') this.slot = welcome.slot;
    return heard;
  }

  /** What came since the last look. */
  heard(): (ServerMessage | RelayMessage)[] {
    return this.socket.sent.splice(0).map((frame) => decodeForDevice(frame));
  }

  /** The network tells the server that this device's socket is gone. */
  hangUp(): void {
    this.socket.isOpen = false;
    this.events.closed();
  }

  get ending(): Ending | null {
    return this.socket.ending;
  }
}

/** A device that has joined, with nothing left unread. */
export function joined(core: SignalingCore, seat: Seat = {}): FakeDevice {
  const device = new FakeDevice(core);
  device.join(seat);
  return device;
}

/** Time passes while these devices answer each heartbeat. */
export function advanceAnswering(
  clock: ManualClock,
  byMs: number,
  stepMs: number,
  devices: readonly FakeDevice[],
): void {
  for (let passedMs = 0; passedMs < byMs; passedMs += stepMs) {
    clock.advance(stepMs);
    for (const device of devices) {
      if (device.heard().some(({ type }) => type === 'heartbeat')) device.say({ type: 'heartbeat' });
    }
  }
}

export const offerTo = (slot: number, sdp = 'v=0'): RelayMessage => ({
  type: 'offer',
  peer: slot,
  attempt: 7,
  nonce: new Uint8Array(16),
  sdp,
});

export const answerTo = (slot: number): RelayMessage => ({
  type: 'answer',
  peer: slot,
  attempt: 7,
  nonce: new Uint8Array(16),
  sdp: 'v=0',
});

export const candidateFor = (slot: number): RelayMessage => ({
  type: 'candidate',
  peer: slot,
  attempt: 7,
  candidate: 'candidate:1',
  mid: '0',
});
