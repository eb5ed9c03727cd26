import type { Clock } from '@innmesh/kit';
import type { Replica, Stream } from './replica.ts';

interface Claim {
  readonly peerId: string;
  /** Nobody wants the entry any more then. */
  readonly expiresAtMs: number;
}

const markOf = (stream: Stream) => `claimed ${stream.key}`;

/** Which device has an entry that is for one of several, whichever comes first. */
export class Claims {
  readonly #replica: Pick<Replica, 'log'>;
  readonly #clock: Clock;
  readonly #byStream = new WeakMap<Stream, Map<number, Claim>>();

  constructor(replica: Pick<Replica, 'log'>, clock: Clock) {
    this.#replica = replica;
    this.#clock = clock;
  }

  isOf(peerId: string, stream: Stream, seq: number): boolean {
    return this.#of(stream).get(seq)?.peerId === peerId;
  }

  /**
   * Resolves once it is kept that the entry is this device's; `false` where it is another's. Rejects where that cannot be
   * kept; then it is nobody's still.
   */
  async claim(peerId: string, stream: Stream, seq: number, expiresAtMs: number): Promise<boolean> {
    const claims = this.#of(stream);
    const claimed = claims.get(seq);
    if (claimed) return claimed.peerId === peerId;
    this.#forgetExpired(claims);
    claims.set(seq, { peerId, expiresAtMs });
    try {
      await stream.log.setMarks([[markOf(stream), JSON.stringify([...claims])]]);
    } catch (error) {
      claims.delete(seq);
      throw error;
    }
    return true;
  }

  #forgetExpired(claims: Map<number, Claim>): void {
    const nowMs = this.#clock.nowMs();
    for (const [seq, { expiresAtMs }] of claims) if (expiresAtMs <= nowMs) claims.delete(seq);
  }

  #of(stream: Stream): Map<number, Claim> {
    let claims = this.#byStream.get(stream);
    if (!claims) {
      claims = new Map(JSON.parse(this.#replica.log.mark(markOf(stream)) ?? '[]'));
      this.#byStream.set(stream, claims);
    }
    return claims;
  }
}
