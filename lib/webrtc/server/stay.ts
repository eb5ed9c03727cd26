import type { CancelTimer, Clock } from '@innmesh/kit';
import { CLOCK_SKEW_MS, type CredentialClaims, type RosterEntry } from '@innmesh/protocol';
import type { Admitted } from './auth/admission.ts';
import { setDeadline } from './auth/deadline.ts';
import type { Member, Room } from './room.ts';

export interface StayDeps extends Pick<Member, 'send' | 'bufferedBytes' | 'replaced' | 'revoked'> {
  clock: Clock;
  /** The credential was not renewed in time. */
  expired(): void;
}

/** A device in its room, for as long as its credential is good. */
export class Stay {
  readonly room: Room;
  readonly member: Member;
  readonly admitted: Admitted;
  readonly #deps: StayDeps;
  #claims: CredentialClaims;
  #cancelExpiry: CancelTimer;

  constructor(admitted: Admitted, room: Room, deps: StayDeps) {
    this.admitted = admitted;
    this.room = room;
    this.#deps = deps;
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

  end(): void {
    this.#cancelExpiry();
    this.room.leave(this.member);
  }

  #memberWith(slot: number): Member {
    const { send, bufferedBytes, replaced, revoked } = this.#deps;
    const { peerId, device } = this.admitted;
    return { slot, peerId, device, generation: () => this.#claims.gen, send, bufferedBytes, replaced, revoked };
  }

  #endAtExpiry(): CancelTimer {
    const { clock, expired } = this.#deps;
    return setDeadline(clock, expired, this.#claims.exp * 1000 + CLOCK_SKEW_MS);
  }
}
