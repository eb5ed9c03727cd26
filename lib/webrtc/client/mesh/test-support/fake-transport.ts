import { writeRelayedDescription } from '@innmesh/protocol';
import { lanes, type TransportEvents } from '../../link/transport.ts';

export const RELAYED_SDP = writeRelayedDescription(new Uint8Array(65).fill(4));
export const DIRECT_SDP = 'v=0\r\na=fingerprint:sha-256 AA\r\n';

/** It describes itself, and does what it is told. */
export class FakeTransport {
  readonly isRelayed: boolean;
  readonly attempt: number;
  hasPath = false;
  isBroken = false;
  canRestart = true;
  closedWith: string | null = null;
  events!: TransportEvents;

  constructor(isRelayed: boolean, attempt: number) {
    this.isRelayed = isRelayed;
    this.attempt = attempt;
  }

  listen(events: TransportEvents): void {
    this.events = events;
  }

  offer = async () => (this.isRelayed ? RELAYED_SDP : DIRECT_SDP);
  answer = this.offer;
  restart = this.offer;
  acceptAnswer = async () => {};
  useRelays(): void {}
  trickle(): void {}
  allowLongRecords(): void {}
  send(): void {}

  say(...records: Uint8Array<ArrayBuffer>[]): void {
    this.events.received(lanes.entries, records);
  }

  close(reason: string): void {
    if (this.closedWith !== null) return;
    this.closedWith = reason;
    this.events.closed(reason);
  }
}
