import type { Clock, Random } from '@innmesh/kit';
import { FakePeerConnection } from './fake-peer-connection.ts';

/** All connections of a simulation, and who is out of reach. */
export class FakeNetwork {
  /** Connections that were made and not closed. */
  readonly open = new Map<string, FakePeerConnection>();
  /** Devices whose packets go nowhere. */
  readonly isolated = new Set<string>();
  /** Pairs of devices whose packets do not get to each other. */
  readonly #apart = new Set<string>();
  readonly clock: Clock;
  /** Platforms make no connection with ICE servers that they do not like. */
  refuses: (iceServers: readonly RTCIceServer[]) => boolean = () => false;
  bytesSent = 0;
  statisticsRead = 0;
  readonly #random: Random;
  #made = 0;

  constructor(clock: Clock, random: Random) {
    this.clock = clock;
    this.#random = random;
  }

  create(owner: string, iceServers: readonly RTCIceServer[] = []): FakePeerConnection {
    if (this.refuses(iceServers)) throw new Error('SyntaxError: no such servers');
    return new FakePeerConnection(this, owner, `${owner}#${++this.#made}`, iceServers);
  }

  /** Connections on which both ends can talk, each end counted. */
  linked(): FakePeerConnection[] {
    return [...this.open.values()].filter((end) => end.connectionState === 'connected' && end.peer?.peer === end);
  }

  delayMs(atMostMs: number): number {
    return this.#random.unit() * atMostMs;
  }

  later(callback: () => void, atMostMs: number, atLeastMs = 0): void {
    this.clock.setTimer(callback, atLeastMs + this.delayMs(atMostMs - atLeastMs));
  }

  /** The packets of a device go nowhere until `rejoin`; its links fail if that takes too long. */
  isolate(owner: string): void {
    this.isolated.add(owner);
    for (const connection of this.linked()) if (connection.owner === owner) connection.expectConsent();
  }

  rejoin(owner: string): void {
    this.isolated.delete(owner);
  }

  /** As an access point does that isolates its clients. */
  keepApart(one: string, other: string): void {
    this.#apart.add(pairOf(one, other));
  }

  bringTogether(one: string, other: string): void {
    this.#apart.delete(pairOf(one, other));
  }

  areApart(one: string, other: string): boolean {
    return this.#apart.has(pairOf(one, other));
  }

  /** A device ends without a word to anybody. */
  vanish(owner: string): void {
    for (const connection of [...this.open.values()]) if (connection.owner === owner) connection.vanish();
  }
}

const pairOf = (...names: [string, string]) => names.sort().join(' ');
