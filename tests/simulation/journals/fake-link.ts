import type { LinkMessage, ReplicationMessage } from '@innmesh/protocol';
import type { Lane } from '../../../lib/webrtc/client/link/transport.ts';
import type { JournalDevice } from './journal-device.ts';
import type { JournalWorld } from './journal-world.ts';

type Hello = Extract<LinkMessage, { type: 'hello' }>;
type Frame = { lane: Lane; message: ReplicationMessage } | { hello: Hello };

const DELAY_MS = 8;

/** One direction of a link: in order on each channel, and between them in any. */
class Way {
  readonly #world: JournalWorld;
  readonly #arrive: (frame: Frame) => void;
  /** Per channel, when the last frame arrives. */
  readonly #dueMs = [0, 0];
  isCut = false;

  constructor(world: JournalWorld, arrive: (frame: Frame) => void) {
    this.#world = world;
    this.#arrive = arrive;
  }

  send(frame: Frame): void {
    const { time } = this.#world;
    const lane = 'lane' in frame ? frame.lane : 0;
    const dueMs = Math.max(this.#dueMs[lane] ?? 0, time.nowMs() + this.#world.unit() * DELAY_MS);
    this.#dueMs[lane] = dueMs;
    time.setTimer(() => !this.isCut && this.#arrive(frame), dueMs - time.nowMs());
  }
}

/** A link between two devices that are up, from its hellos on. */
export class FakeLink {
  readonly ends: readonly [JournalDevice, JournalDevice];
  readonly #world: JournalWorld;
  readonly #ways: readonly [Way, Way];
  readonly #isOpen = [false, false];
  /** On the bulk channel, before the hello. */
  readonly #held: ReplicationMessage[][] = [[], []];
  isBroken = false;

  constructor(world: JournalWorld, one: JournalDevice, other: JournalDevice) {
    this.#world = world;
    this.ends = [one, other];
    this.#ways = [new Way(world, (frame) => this.#arrive(1, frame)), new Way(world, (frame) => this.#arrive(0, frame))];
    for (const side of [0, 1] as const) {
      const hello = this.ends[side].journals?.hello(this.ends[1 - side] as JournalDevice);
      if (!hello) continue;
      world.traffic?.count(this.ends[1 - side] as JournalDevice, hello);
      this.#ways[side].send({ hello });
    }
  }

  /** Both ends notice, and whatever was on its way is lost. */
  cut(): void {
    if (this.isBroken) return;
    this.isBroken = true;
    for (const way of this.#ways) way.isCut = true;
    for (const side of [0, 1] as const) {
      if (this.#isOpen[side]) this.ends[side].journals?.unlinked(this.ends[1 - side]?.peerId ?? '');
    }
    this.#world.linkEnded(this);
  }

  #arrive(side: 0 | 1, frame: Frame): void {
    const { journals } = this.ends[side];
    const peer = this.ends[1 - side] as JournalDevice;
    if (!journals || this.isBroken) return;
    if ('hello' in frame) this.#open(side, frame.hello);
    else if (this.#isOpen[side]) this.#hear(side, peer, frame.message);
    else this.#held[side]?.push(frame.message);
  }

  #hear(side: 0 | 1, peer: JournalDevice, message: ReplicationMessage): void {
    try {
      this.ends[side].journals?.heard(peer.peerId, message);
    } catch (error) {
      this.#world.violations.push(`${this.ends[side].role} heard what no device says: ${error}`);
      this.cut();
    }
  }

  #open(side: 0 | 1, hello: Hello): void {
    const device = this.ends[side];
    const peer = this.ends[1 - side] as JournalDevice;
    this.#isOpen[side] = true;
    device.journals?.linked(
      {
        peerId: peer.peerId,
        shown: peer.shown,
        reader: () => peer.reader,
        send: (lane, message) => {
          this.#world.traffic?.count(peer, message);
          this.#ways[side]?.send({ lane, message });
        },
        drop: (reason) => {
          this.#world.violations.push(`a link was dropped: ${reason}`);
          this.cut();
        },
      },
      hello,
    );
    for (const message of this.#held[side]?.splice(0) ?? []) this.#hear(side, peer, message);
  }
}
