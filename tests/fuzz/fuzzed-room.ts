import { type Clock, type Random, randomId } from '@innmesh/kit';
import { type DeviceMessage, encodeJoinTranscript, NONCE_BYTES, type Role } from '@innmesh/protocol';
import { HOST } from '../../lib/webrtc/server/test-support/device-keys.ts';
import type { TestIssuer } from '../../lib/webrtc/server/test-support/test-issuer.ts';
import { below, pick } from './chance.ts';
import type { Frame } from './mutations.ts';
import type { RepeatableKey } from './repeatable-key.ts';

export type Join = DeviceMessage & { type: 'join' };

const MARKER_START = 'room:';
const MARKER_CHARACTERS = 16;
const REMEMBERED_FRAMES = 64;

/** A tenant's devices. All that they say has the room's marker in it, so that it is known wherever it turns up. */
export class FuzzedRoom {
  readonly tenantId: string;
  readonly marker: string;
  readonly #sent: Frame[] = [];

  constructor(random: Random) {
    this.tenantId = `tenant-${randomId(random, 8)}`;
    this.marker = `${MARKER_START}${randomId(random, MARKER_CHARACTERS)}`;
  }

  /** A valid frame of this room's, to be spliced. */
  remember(frame: Frame, random: Random): void {
    if (this.#sent.length < REMEMBERED_FRAMES) this.#sent.push(frame);
    else this.#sent[below(random, REMEMBERED_FRAMES)] = frame;
  }

  recall(random: Random): Frame {
    return this.#sent.length > 0 ? pick(random, this.#sent) : new Uint8Array(8);
  }
}

/** Each marker in a frame; a mutated one is nobody's. */
export function* markersIn(frame: Frame): Generator<string> {
  const bytes = Buffer.from(frame.buffer, frame.byteOffset, frame.length);
  for (let at = bytes.indexOf(MARKER_START); at >= 0; at = bytes.indexOf(MARKER_START, at + 1)) {
    yield bytes.toString('latin1', at, at + MARKER_START.length + MARKER_CHARACTERS);
  }
}

export interface SeatDeps {
  room: FuzzedRoom;
  key: RepeatableKey;
  role: Role;
  name: string;
  issuer: TestIssuer;
  clock: Clock;
  random: Random;
}

/** A device that its issuer has enrolled in a room. */
export class Seat {
  readonly room: FuzzedRoom;
  readonly key: RepeatableKey;
  readonly #deps: SeatDeps;
  #generation = 0;
  #staleJoin: Join | null = null;
  #credential: { token: string; expiresAtMs: number } | null = null;

  constructor(deps: SeatDeps) {
    this.#deps = deps;
    this.room = deps.room;
    this.key = deps.key;
  }

  /** Good now, and for a while that differs. */
  get credential(): string {
    const { clock, random } = this.#deps;
    if (!this.#credential || this.#credential.expiresAtMs < clock.nowMs() + 10_000) {
      this.#credential = this.#issue(60 + below(random, 3_600));
    }
    return this.#credential.token;
  }

  /** Enrolled anew after it was put out. The first generation that is still good. */
  enrolAnew(): number {
    this.#generation += 1;
    this.#credential = null;
    return this.#generation;
  }

  join(challenge: Frame, otherwise: Partial<Join> = {}): Join {
    const { role, name } = this.#deps;
    const tenantId = otherwise.tenantId ?? this.room.tenantId;
    return {
      type: 'join',
      tenantId,
      device: { type: role, name: `${this.room.marker} ${name}`, capabilities: [this.room.marker, 'orders'] },
      credential: this.credential,
      publicKey: this.key.publicKey,
      signature: this.key.sign(encodeJoinTranscript({ host: HOST, challenge, tenantId })),
      offers: [{ attempt: 1, nonce: challenge, sdp: `v=0\r\no=${this.room.marker}\r\n` }],
      ...otherwise,
    };
  }

  /** Signed for another connection, so that only its form is good; made once, as signing takes long. */
  get staleJoin(): Join {
    const join = this.#staleJoin ?? this.join(new Uint8Array(NONCE_BYTES));
    this.#staleJoin = join;
    return join;
  }

  #issue(lifetimeS: number): { token: string; expiresAtMs: number } {
    const { clock, issuer, role } = this.#deps;
    const exp = Math.floor(clock.nowMs() / 1000) + lifetimeS;
    const { peerId } = this.key;
    const identity = { sub: peerId, cnf: { jkt: peerId }, tenant: this.room.tenantId, role, caps: ['*'] };
    return { token: issuer.credential({}, { ...identity, gen: this.#generation, exp }), expiresAtMs: exp * 1000 };
  }
}
