import type { Random } from '@innmesh/kit';
import { encodeLinkMessage, encodeSignaling, NONCE_BYTES, type SignalingMessage } from '@innmesh/protocol';
import { deviceSamples, linkSamples, relaySamples, serverSamples } from '../../lib/protocol/test-support/samples.ts';
import { below, happens, pick } from './chance.ts';
import type { FuzzedRoom, Join } from './fuzzed-room.ts';
import type { FuzzedSession } from './fuzzed-session.ts';
import { type Frame, mutate, mutateText } from './mutations.ts';

export interface DeviceFramesDeps {
  random: Random;
  rooms: readonly FuzzedRoom[];
}

/** Of each kind that there is, those for devices and for links among them. */
const anyKind: readonly Frame[] = [
  ...[deviceSamples, serverSamples, relaySamples].flatMap((samples) =>
    Object.values<SignalingMessage>(samples).map((message) => encodeSignaling(message)),
  ),
  ...Object.values(linkSamples).map((message) => encodeLinkMessage(message)),
];

/** What a device might say to the server: in order, almost in order, and not at all. */
export class DeviceFrames {
  readonly #random: Random;
  readonly #rooms: readonly FuzzedRoom[];

  constructor({ random, rooms }: DeviceFramesDeps) {
    this.#random = random;
    this.#rooms = rooms;
  }

  next(session: FuzzedSession): Frame | null {
    const random = this.#random;
    if (happens(random, 0.002)) return null;
    if (happens(random, 0.02)) return pick(random, anyKind);
    const isFirst = session.isOpen && !session.isJoined;
    if (isFirst && happens(random, 0.65)) return encodeSignaling(session.seat.join(session.challenge));
    if (isFirst && happens(random, 0.2)) return encodeSignaling(this.#impostor(session));
    const frame = encodeSignaling(isFirst && happens(random, 0.3) ? session.seat.staleJoin : this.#message(session));
    const { room } = session.seat;
    const isMutated = happens(random, session.isJoined ? 0.25 : 0.8);
    const sent = isMutated ? mutate(frame, random, room.recall(random)) : frame;
    room.remember(frame, random);
    return sent;
  }

  /** A join in which one thing is not the device's own. */
  #impostor({ seat, challenge }: FuzzedSession): Join {
    const random = this.#random;
    const { credential } = seat;
    return pick(random, [
      () => seat.join(challenge, { tenantId: pick(random, this.#rooms).tenantId }),
      () => seat.join(challenge, { credential: mutateText(credential, random) }),
      () => seat.join(challenge, { credential: '' }),
      () => seat.join(challenge, { signature: random.bytes(64) as Frame }),
      () => seat.join(challenge, { publicKey: random.bytes(65) as Frame }),
      () => seat.staleJoin,
    ])();
  }

  #message(session: FuzzedSession): SignalingMessage {
    const random = this.#random;
    const { marker } = session.seat.room;
    const peer = this.#slot(session);
    const attempt = below(random, 2 ** 32);
    const nonce = random.bytes(NONCE_BYTES) as Frame;
    const sdp = `v=0\r\no=${marker}\r\ns=-\r\na=fingerprint:sha-256 AA:BB\r\n`;
    return pick<() => SignalingMessage>(random, [
      () => ({ type: 'offer', peer, attempt, nonce, sdp }),
      () => ({ type: 'answer', peer, attempt, nonce, sdp }),
      () => ({ type: 'candidate', peer, attempt, candidate: `candidate:1 1 udp 1 ${marker} 9 typ host`, mid: '0' }),
      () => ({ type: 'candidate', peer, attempt, candidate: '', mid: marker }),
      () => ({ type: 'frame', peer, attempt, bytes: new Uint8Array(Buffer.from(marker)) }),
      () => ({ type: 'heartbeat' }),
      () => ({ type: 'renew', credential: this.#renewal(session) }),
    ])();
  }

  #renewal({ seat }: FuzzedSession): string {
    return happens(this.#random, 0.9) ? seat.credential : mutateText(seat.credential, this.#random);
  }

  /** Mostly somebody's; the slots of other rooms are the same numbers. */
  #slot({ peers }: FuzzedSession): number {
    const random = this.#random;
    if (peers.size > 0 && happens(random, 0.8)) return pick(random, [...peers]);
    return happens(random, 0.8) ? below(random, 40) : pick(random, [127, 128, 2 ** 31, 2 ** 32, 2 ** 53 - 1]);
  }
}
