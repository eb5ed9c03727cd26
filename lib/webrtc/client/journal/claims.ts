import type { Replica, Stream } from './replica.ts';

const markOf = (stream: Stream) => `claimed ${stream.key}`;

/** Which device has an entry that is for one of several, whichever comes first. */
export class Claims {
  readonly #replica: Replica;
  readonly #byStream = new Map<Stream, Map<number, string>>();

  constructor(replica: Replica) {
    this.#replica = replica;
  }

  /** Nobody's yet, or this device's. */
  isOpenTo(peerId: string, stream: Stream, seq: number): boolean {
    return (this.#of(stream).get(seq) ?? peerId) === peerId;
  }

  isClaimed(stream: Stream, seq: number): boolean {
    return this.#of(stream).has(seq);
  }

  /** Resolves once it is kept that the entry is this device's; `false` where it is another's. */
  async claim(peerId: string, stream: Stream, seq: number): Promise<boolean> {
    const claims = this.#of(stream);
    const owner = claims.get(seq);
    if (owner !== undefined) return owner === peerId;
    claims.set(seq, peerId);
    await stream.log.setMarks([[markOf(stream), JSON.stringify([...claims])]]);
    return true;
  }

  /** It has arrived, or never will. */
  forget(stream: Stream, seq: number): void {
    this.#byStream.get(stream)?.delete(seq);
  }

  #of(stream: Stream): Map<number, string> {
    let claims = this.#byStream.get(stream);
    if (!claims) {
      claims = new Map(JSON.parse(this.#replica.log.mark(markOf(stream)) ?? '[]'));
      this.#byStream.set(stream, claims);
    }
    return claims;
  }
}
