import { type Clock, systemClock } from '@innmesh/kit';
import type { Lane, Transport } from '../../link/transport.ts';
import { RelayPace } from '../relay-pace.ts';
import { RelayedTransport, type RelayedTransportDeps } from '../relayed-transport.ts';
import type { Bytes } from '../sealing.ts';

export const ATTEMPT = 7;
export const FAST = { burstBytes: 1024 ** 3, bytesPerSecond: 1024 ** 3 };

export type Side = 'offerer' | 'answerer';
const otherSide = (side: Side): Side => (side === 'offerer' ? 'answerer' : 'offerer');

/** Hands frames from one end to the other, in a later turn of the event loop. */
export class FakeServer {
  /** What becomes of a frame. */
  handOn: (frame: Bytes, from: Side, number: number) => Bytes[] = (frame) => [frame];
  readonly sent: Record<Side, Bytes[]> = { offerer: [], answerer: [] };
  mostHeldBytes = 0;
  readonly receivers = new Map<Side, (frame: Bytes) => void>();
  #held: Record<Side, Bytes[]> = { offerer: [], answerer: [] };
  #isHolding = false;

  take(frame: Bytes, from: Side): void {
    this.sent[from].push(frame);
    this.#held[from].push(...this.handOn(frame, from, this.sent[from].length - 1));
    this.mostHeldBytes = Math.max(this.mostHeldBytes, this.heldBytes(from));
    setTimeout(() => this.#deliver(from));
  }

  heldBytes(from: Side): number {
    return this.#held[from].reduce((sum, { length }) => sum + length, 0);
  }

  hold(): void {
    this.#isHolding = true;
  }

  goOn(): void {
    this.#isHolding = false;
    for (const side of ['offerer', 'answerer'] as const) this.#deliver(side);
  }

  #deliver(from: Side): void {
    if (this.#isHolding) return;
    for (const frame of this.#held[from].splice(0)) this.receivers.get(otherSide(from))?.(frame);
  }
}

/** One end, and what became of it. */
export class FakeEnd {
  readonly transport: RelayedTransport;
  readonly pace: RelayPace;
  bufferedBytes: number | null = 0;
  isOpen = false;
  readonly records: [Lane, Bytes][] = [];
  readonly reasons: string[] = [];
  hasEnded = false;

  constructor(side: Side, server: FakeServer, clock: Clock, more: Partial<RelayedTransportDeps> = {}) {
    this.pace = new RelayPace(clock);
    this.pace.keepTo(FAST);
    this.transport = new RelayedTransport({
      attempt: ATTEMPT,
      clock,
      pace: this.pace,
      send: (frame) => server.take(frame, side),
      bufferedBytes: () => this.bufferedBytes,
      ended: () => {
        this.hasEnded = true;
      },
      ...more,
    });
    server.receivers.set(side, (frame) => this.transport.receive(frame));
  }

  listen(): void {
    this.transport.listen({
      candidate: () => {},
      opened: () => {
        this.isOpen = true;
      },
      received: (lane, records) => {
        for (const record of records) this.records.push([lane, record]);
      },
      pathLost: () => {},
      pathFound: () => {},
      closed: (reason) => this.reasons.push(reason),
    });
  }

  /** Of each record on a lane, the first byte. */
  heard(lane: Lane): number[] {
    return this.records.filter(([on]) => on === lane).map(([, record]) => record[0] ?? -1);
  }
}

export interface PairOptions {
  clock?: Clock;
  offerer?: Partial<RelayedTransportDeps>;
  answerer?: Partial<RelayedTransportDeps>;
}

/** Two ends that know nothing of each other yet. */
export function createPair({ clock = systemClock, offerer, answerer }: PairOptions = {}) {
  const server = new FakeServer();
  const pair = {
    server,
    offerer: new FakeEnd('offerer', server, clock, offerer),
    answerer: new FakeEnd('answerer', server, clock, answerer),
  };
  pair.offerer.listen();
  pair.answerer.listen();
  return pair;
}

/** Two ends that are open. */
export async function openPair(options?: PairOptions) {
  const pair = createPair(options);
  await connect(pair.offerer.transport, pair.answerer.transport);
  return pair;
}

/** Hands each the other's description. */
export async function connect(offerer: Transport, answerer: Transport): Promise<void> {
  const answer = await answerer.answer(await offerer.offer());
  answerer.trickle();
  await offerer.acceptAnswer(answer);
}
