import { type DenyList, encodeSignaling, type FirstOffer, type RosterEntry } from '@innmesh/protocol';
import type { Visibility } from './visibility.ts';

/** A device in a room: what the others see of it, and the way to it. */
export interface Member extends RosterEntry {
  /** Of its credential; a deny list names the first that is still good. */
  generation(): number;
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** Of one who comes or goes: in order with what is sent, and perhaps a moment later (see `News`). */
  tell(frame: Uint8Array<ArrayBuffer>): void;
  /** What was sent and is not read yet. */
  bufferedBytes(): number;
  /** The same device has come in through another socket. */
  replaced(): void;
  /** The issuer has put the device out. */
  revoked(): void;
}

/**
 * The devices of one tenant. A frame is only ever handed to members of the room that it came from, and devices that may
 * not link do not exist for each other.
 */
export class Room {
  readonly tenantId: string;
  readonly #visibility: Visibility;
  readonly #bySlot = new Map<number, Member>();
  readonly #byPeerId = new Map<string, Member>();
  #nextSlot = 0;

  constructor(tenantId: string, visibility: Visibility) {
    this.tenantId = tenantId;
    this.#visibility = visibility;
  }

  get size(): number {
    return this.#bySlot.size;
  }

  /** Who has this slot, where `reader` may know. */
  at(slot: number, reader: Member): Member | undefined {
    const member = this.#bySlot.get(slot);
    return member && this.#sees(reader, member) ? member : undefined;
  }

  /** Gives a slot, tells the others, and puts out whoever had the same identity. */
  enter(entrant: (slot: number) => Member): Member {
    const member = entrant(this.#nextSlot++);
    const predecessor = this.#byPeerId.get(member.peerId);
    if (predecessor) this.#bySlot.delete(predecessor.slot);
    this.#bySlot.set(member.slot, member);
    this.#byPeerId.set(member.peerId, member);
    this.#tellWhoSee(member, encodeSignaling({ type: 'joined', peer: member }));
    if (predecessor) this.#replace(predecessor, member);
    return member;
  }

  leave(member: Member): void {
    if (!this.#bySlot.delete(member.slot)) return;
    this.#byPeerId.delete(member.peerId);
    this.#tellWhoSee(member, leftFrame(member));
  }

  /** Puts out whom the list names, and hands it to everyone else. */
  deny({ generations, jws }: DenyList): void {
    const all = [...this.#bySlot.values()];
    const isDenied = ({ peerId, generation }: Member) => generation() < (generations.get(peerId) ?? 0);
    for (const member of all) if (isDenied(member)) member.revoked();
    const frame = encodeSignaling({ type: 'deny', list: jws.token });
    for (const member of this.#bySlot.values()) member.send(frame);
  }

  /**
   * A newcomer's first offer, to whoever came last of those whom it may know of, so that no device gets everyone's. The
   * slot of who got it.
   */
  handOn(offer: FirstOffer, newcomer: Member): number[] {
    const target = this.#visibleTo(newcomer).at(-1);
    if (!target) return [];
    target.send(encodeSignaling({ type: 'offer', peer: newcomer.slot, ...offer }));
    return [target.slot];
  }

  /** Everyone goes at once, so nobody is told of anyone. */
  dissolve(): void {
    this.#bySlot.clear();
    this.#byPeerId.clear();
  }

  /** Whom `reader` may know of. */
  rosterFor(reader: Member): RosterEntry[] {
    return this.#visibleTo(reader);
  }

  #visibleTo(reader: Member): Member[] {
    return [...this.#bySlot.values()].filter((member) => this.#sees(reader, member));
  }

  /** Enrolled anew in another role, it is gone for those who no longer see it. */
  #replace(predecessor: Member, successor: Member): void {
    if (predecessor.device.type !== successor.device.type) {
      const frame = leftFrame(predecessor);
      for (const member of this.#bySlot.values()) {
        if (this.#sees(member, predecessor) && !this.#sees(member, successor)) member.tell(frame);
      }
    }
    predecessor.replaced();
  }

  #tellWhoSee(subject: Member, frame: Uint8Array<ArrayBuffer>): void {
    for (const member of this.#bySlot.values()) if (this.#sees(member, subject)) member.tell(frame);
  }

  #sees(reader: Member, member: Member): boolean {
    return (
      reader.peerId !== member.peerId && this.#visibility.get(reader.device.type)?.has(member.device.type) === true
    );
  }
}

function leftFrame({ slot }: Member): Uint8Array<ArrayBuffer> {
  return encodeSignaling({ type: 'left', slot });
}
