import { msOfHybridTime } from '@innmesh/kit';
import {
  type Audience,
  decodeMessage,
  type Entry,
  InnmeshError,
  NotEntitledError,
  type Party,
  type PingMessage,
  parseMessage,
  type Reader,
  type ReceivedMessage,
} from '@innmesh/protocol';
import { PeerMessageError } from './errors.ts';
import { audienceForAll } from './journal/addressees.ts';
import type { Delivery, EntryInfo, MessageTarget } from './public-types.ts';
import { OrderPlacers } from './trust/order-placers.ts';
import type { Trust } from './trust/trust.ts';

export interface MessagingDeps {
  trust: Trust;
  /** Whoever is here or was met and is known. */
  reader(peerId: string): Reader | undefined;
  /** Who is in the room or linked. */
  present(): Reader[];
  write(message: ReceivedMessage, audience: Audience): Delivery;
  /** To the application. Throws or rejects where a handler did. */
  message(message: ReceivedMessage, fromPeerId: string, info: EntryInfo): void | Promise<void>;
  failed(error: Error): void;
}

/** Between the application's messages and the journal's entries: who may write what to whom, on both ends. */
export class Messaging {
  readonly #deps: MessagingDeps;
  readonly #placers = new OrderPlacers();
  /** The last answer to each peer's pings. */
  readonly #pongs = new Map<string, Delivery>();

  constructor(deps: MessagingDeps) {
    this.#deps = deps;
  }

  /** Throws what `P2PConnection.send` throws. */
  send(message: unknown, target?: MessageTarget): Delivery {
    const reader = typeof target === 'string' ? this.#deps.reader(target) : undefined;
    const parsed = this.#placers.complete(parseMessage(message), this.#self, reader ?? null);
    return this.#deps.write(parsed, this.#audienceOf(parsed, target, reader));
  }

  /** An entry for this device's application. */
  deliver(writer: Party, entry: Entry, id: string): void | Promise<void> {
    const parsed = this.#parse(writer.peerId, entry.body);
    if (!parsed) return;
    const message = this.#placers.named(parsed, writer);
    if (this.#placers.isAnothers(message, writer) || !this.#mayTake(message, writer)) {
      const problem = `A device of role "${writer.role}" may not send this "${message.type}" message here.`;
      this.#deps.failed(new PeerMessageError(writer.peerId, new NotEntitledError(problem)));
      return;
    }
    this.#placers.remember(message);
    if (message.type === 'ping') this.#answerPing(writer.peerId, message);
    return this.#deps.message(message, writer.peerId, infoOf(entry, id));
  }

  forget(peerId: string): void {
    this.#pongs.delete(peerId);
  }

  get #self(): Party {
    const { peerId, role, table } = this.#deps.trust;
    return { peerId, role, table };
  }

  /** Throws `NotEntitledError` where nobody it is for may have it. */
  #audienceOf(message: ReceivedMessage, target: MessageTarget | undefined, reader: Reader | undefined): Audience {
    const { type } = message;
    const { role, entitlements } = this.#deps.trust;
    if (!entitlements.mayWrite(type, role)) {
      throw new NotEntitledError(`A device of role "${role}" may not send "${type}" messages.`);
    }
    if (target === undefined) {
      const present = this.#deps.present().filter((each) => this.#mayReach(message, each));
      return audienceForAll(type, role, present);
    }
    if (typeof target !== 'string') {
      return 'role' in target ? { to: 'role', names: [target.role] } : { to: 'capability', names: [target.capability] };
    }
    if (reader && !this.#mayReach(message, reader)) {
      const problem = `This "${type}" message may not go from a device of role "${role}" to one of role "${reader.role}".`;
      throw new NotEntitledError(problem);
    }
    return { to: 'devices', names: [target] };
  }

  #mayReach(message: ReceivedMessage, reader: Party): boolean {
    return this.#deps.trust.entitlements.allows(message, this.#self, reader);
  }

  #mayTake(message: ReceivedMessage, writer: Party): boolean {
    return this.#deps.trust.entitlements.allows(message, writer, this.#self);
  }

  #parse(peerId: string, body: Uint8Array<ArrayBuffer>): ReceivedMessage | null {
    try {
      return parseMessage(decodeMessage(body));
    } catch (error) {
      if (!(error instanceof InnmeshError)) throw error;
      this.#deps.failed(new PeerMessageError(peerId, error));
      return null;
    }
  }

  /** One answer at a time: a peer that takes none cannot fill this device with them. */
  #answerPing(peerId: string, ping: PingMessage): void {
    if (this.#pongs.get(peerId)?.status === 'pending') return;
    this.#pongs.set(peerId, this.send({ ...ping, type: 'pong' }, peerId));
  }
}

const infoOf = ({ writtenAt }: Entry, id: string): EntryInfo => ({ id, writtenAtMs: msOfHybridTime(writtenAt) });
