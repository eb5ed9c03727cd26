import { type LinkMessage, limits, MalformedFrameError, type ReplicationMessage } from '@innmesh/protocol';
import { type Lane, lanes } from './transport.ts';

/** A window's worth of the shortest that takes it. */
const MAX_MESSAGES = 256;
/** The longest message fits, and a few bytes around it. */
const MAX_BYTES = limits.messageBytes + 1024;

/** What is said on the lane of the entries alone. */
const conversation: ReadonlySet<string> = new Set(['authenticate', 'ping', 'pong', 'renew', 'deny', 'signal']);

/** What the bulk lane brings before the hello is there: the lanes do not wait for each other. */
export class EarlyMessages {
  readonly #messages: ReplicationMessage[] = [];
  #sizeBytes = 0;

  /** On the lane with the hello nothing comes before it. Throws `MalformedFrameError`. */
  static expect(lane: Lane, { type }: LinkMessage): void {
    if (type === 'hello' || (lane === lanes.bulk && !conversation.has(type))) return;
    throw new MalformedFrameError(`Expected a hello first, received "${type}".`);
  }

  /** Throws `MalformedFrameError` where it is too much. */
  hold(message: ReplicationMessage, sizeBytes: number): void {
    this.#messages.push(message);
    this.#sizeBytes += sizeBytes;
    if (this.#messages.length > MAX_MESSAGES || this.#sizeBytes > MAX_BYTES)
      throw new MalformedFrameError('Too much comes before the hello.');
  }

  release(): ReplicationMessage[] {
    return this.#messages.splice(0);
  }
}
