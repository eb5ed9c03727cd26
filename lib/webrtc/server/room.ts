import { encodeSignaling, type RosterEntry, type ServerMessage } from '@innmesh/protocol';

/** A device in a room: what the others see of it, and the way to it. */
export interface Member extends RosterEntry {
  send(frame: Uint8Array<ArrayBuffer>): void;
  /** The same device has come in through another socket. */
  replaced(): void;
}

/** The devices of one tenant. A frame is only ever handed to members of the room that it came from. */
export class Room {
  readonly tenantId: string;
  readonly #bySlot = new Map<number, Member>();
  readonly #byPeerId = new Map<string, Member>();
  #nextSlot = 0;

  constructor(tenantId: string) {
    this.tenantId = tenantId;
  }

  get size(): number {
    return this.#bySlot.size;
  }

  at(slot: number): Member | undefined {
    return this.#bySlot.get(slot);
  }

  /** Takes a slot, tells the others, and puts out whoever had the same identity. */
  enter(entrant: Omit<Member, 'slot'>): Member {
    const member: Member = { ...entrant, slot: this.#nextSlot++ };
    const predecessor = this.#byPeerId.get(member.peerId);
    if (predecessor) this.#bySlot.delete(predecessor.slot);
    this.#bySlot.set(member.slot, member);
    this.#byPeerId.set(member.peerId, member);
    this.#tellOthers(member, { type: 'joined', peer: describe(member) });
    predecessor?.replaced();
    return member;
  }

  leave(member: Member): void {
    if (!this.#bySlot.delete(member.slot)) return;
    this.#byPeerId.delete(member.peerId);
    this.#tellOthers(member, { type: 'left', slot: member.slot });
  }

  /** Everyone goes at once, so nobody is told of anyone. */
  dissolve(): void {
    this.#bySlot.clear();
    this.#byPeerId.clear();
  }

  /** Everyone but `reader`. */
  rosterFor(reader: Member): RosterEntry[] {
    return [...this.#bySlot.values()].filter((member) => member !== reader).map(describe);
  }

  #tellOthers(subject: Member, message: ServerMessage): void {
    const frame = encodeSignaling(message);
    for (const member of this.#bySlot.values()) if (member !== subject) member.send(frame);
  }
}

function describe({ slot, peerId, device }: Member): RosterEntry {
  return { slot, peerId, device };
}
