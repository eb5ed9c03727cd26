import { CredentialError, fromBase64url, type Party, toBase64url } from '@innmesh/protocol';
import type { Trust } from '../trust/trust.ts';
import type { JournalLog } from './journal-log.ts';

/** By what a device is known that wrote a journal, whether it is here or not. */
export interface Origin extends Party {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** The last one that was seen of it. */
  readonly credential: string;
}

export type Introduction = Pick<Origin, 'peerId' | 'publicKey' | 'credential'>;

const PREFIX = 'origin ';

/** The writers of the journals that are kept here. */
export class Origins {
  readonly #trust: Pick<Trust, 'verifyOrigin'>;
  readonly #log: JournalLog;
  readonly #isLinked: (peerId: string) => boolean;
  readonly #known = new Map<string, Origin>();
  /** Those of them that a restart would forget. */
  readonly #unkept = new Set<Origin>();

  /** `isLinked`: what others say of such a device does not count, as its link has proven who it is. */
  constructor(
    trust: Pick<Trust, 'verifyOrigin'>,
    log: JournalLog,
    isLinked: (peerId: string) => boolean = () => false,
  ) {
    this.#trust = trust;
    this.#log = log;
    this.#isLinked = isLinked;
    for (const [name, text] of log.marksThatBegin(PREFIX)) {
      const peerId = name.slice(PREFIX.length);
      const { publicKey, ...rest } = JSON.parse(text);
      this.#known.set(peerId, { ...rest, peerId, publicKey: fromBase64url(publicKey) });
    }
  }

  get(peerId: string): Origin | undefined {
    return this.#known.get(peerId);
  }

  /** A device that has been verified. Rejects where it cannot be kept. */
  async learn(origin: Origin): Promise<void> {
    const known = this.#known.get(origin.peerId);
    this.#known.set(origin.peerId, origin);
    if (known?.credential === origin.credential) return;
    if (known) this.#unkept.delete(known);
    this.#unkept.add(origin);
    await this.note();
  }

  /** Keeps what is not kept yet, with whatever else there is to keep: an entry without its writer is nobody's. */
  async note(): Promise<void> {
    if (this.#unkept.size === 0) return;
    const origins = [...this.#unkept];
    const marks = origins.map(markOf);
    await this.#log.setMarks(marks, marks);
    for (const origin of origins) this.#unkept.delete(origin);
  }

  /** What another device says of a writer. Rejects with `CredentialError` where it is not so. */
  async verify(introduction: Introduction): Promise<Origin> {
    const { peerId, credential } = introduction;
    const known = this.#known.get(peerId);
    if (known && (known.credential === credential || this.#isLinked(peerId))) return known;
    const origin = await this.#trust.verifyOrigin(introduction);
    if (this.#isLinked(peerId)) return this.expect(peerId);
    // Within a journal the writer's role stays; who has another begins another journal.
    this.learn(origin).catch(() => {});
    return origin;
  }

  /** Guests that wrote nothing that is here still. The devices of the house are as many as the issuer let in. */
  async forget(isGone: (peerId: string) => boolean): Promise<void> {
    const gone = [...this.#known.values()].filter(({ peerId, role }) => role === 'guest' && isGone(peerId));
    if (gone.length === 0) return;
    for (const origin of gone) {
      this.#known.delete(origin.peerId);
      this.#unkept.delete(origin);
    }
    await this.#log.setMarks(gone.map(({ peerId }) => [PREFIX + peerId, null] as const));
  }

  expect(peerId: string): Origin {
    const origin = this.#known.get(peerId);
    if (!origin) throw new CredentialError('missing', `nobody has said who ${peerId} is`);
    return origin;
  }
}

function markOf({ peerId, publicKey, ...rest }: Origin): [string, string] {
  return [PREFIX + peerId, JSON.stringify({ ...rest, publicKey: toBase64url(publicKey) })];
}
