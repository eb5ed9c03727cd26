import type { CancelTimer, Clock } from '@innmesh/kit';
import { CLOCK_SKEW_MS, type CredentialClaims, type RosterEntry } from '@innmesh/protocol';
import type { Admitted } from './auth/admission.ts';
import { setDeadline } from './auth/deadline.ts';
import { News } from './news.ts';
import type { Member, Room } from './room.ts';

export interface StayDeps extends Pick<Member, 'bufferedBytes' | 'replaced' | 'revoked'> {
  clock: Clock;
  transmit(frame: Uint8Array<ArrayBuffer>): void;
  /** The credential was not renewed in time. */
  expired(): void;
}

/** A device in its room, for as long as its credential is good. */
export class Stay {
  readonly room: Room;
  readonly member: Member;
  readonly admitted: Admitted;
  readonly #deps: StayDeps;
  readonly #news: News;
  #claims: CredentialClaims;
  #cancelExpiry: CancelTimer;

  constructor(admitted: Admitted, room: Room, deps: StayDeps) {
    this.admitted = admitted;
    this.room = room;
    this.#deps = deps;
    this.#news = new News(deps.clock, deps.transmit);
    this.#claims = admitted.claims;
    this.#cancelExpiry = this.#endAtExpiry();
    this.member = room.enter((slot) => this.#memberWith(slot));
  }

  /** Whom the device may know of. */
  get roster(): RosterEntry[] {
    return this.room.rosterFor(this.member);
  }

  /** The device keeps its slot, and the others see nothing of it. */
  renew(claims: CredentialClaims): void {
    this.#cancelExpiry();
    this.#claims = claims;
    this.#cancelExpiry = this.#endAtExpiry();
  }

  /** After the news that waits. */
  send(frame: Uint8Array<ArrayBuffer>): void {
    this.#news.flush();
    this.#deps.transmit(frame);
  }

  end(): void {
    this.#cancelExpiry();
    this.#news.stop();
    this.room.leave(this.member);
  }

  #memberWith(slot: number): Member {
    const { bufferedBytes, replaced, revoked } = this.#deps;
    const { peerId, device } = this.admitted;
    return {
      slot,
      peerId,
      device,
      generation: () => this.#claims.gen,
      send: (frame) => this.send(frame),
      tell: (frame) => this.#news.tell(frame),
      bufferedBytes,
      replaced,
      revoked,
    };
  }

  #endAtExpiry(): CancelTimer {
    const { clock, expired } = this.#deps;
    return setDeadline(clock, expired, this.#claims.exp * 1000 + CLOCK_SKEW_MS);
  }
}
