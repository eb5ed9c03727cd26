import { type Clock, TokenBucket, type TokenBucketOptions } from '@innmesh/kit';
import { closeCodes } from '@innmesh/protocol';
import type { RefusalKind, SocketRefusal } from '../refusals.ts';

/** What becomes of a sealed frame: it is handed on, and its sender told to pause where that is over 0; or it is refused. */
export type SealedVerdict = { refused: RefusalKind } | { refused: null; pauseMs: number };

/** What a socket may still send. */
export interface Allowance {
  /** Takes one frame; why not, if it may not. */
  take(sizeBytes: number): SocketRefusal | null;
  /** Takes one sealed frame, which is on an account of its own. */
  takeSealed(sizeBytes: number): SealedVerdict;
  /** The socket is gone. */
  release(): void;
}

/** What is said when a bucket is empty; made once, as a flood is no time for making text. */
export function overRate(kind: RefusalKind, what: string, { burst, perSecond }: TokenBucketOptions): SocketRefusal {
  return { kind, code: closeCodes.flooding, reason: `More than ${burst} ${what} at once or ${perSecond} a second.` };
}

/** Before the join one or two frames are due; the rest is room for pings. */
const BEFORE_JOIN: TokenBucketOptions = { burst: 20, perSecond: 4 };
const TOO_MANY_BEFORE_JOIN = overRate('frames_before_join', 'frames before the join', BEFORE_JOIN);

/** For a socket that has not joined: nobody knows yet on whose account. */
export function allowanceBeforeJoin(clock: Clock): Allowance {
  const bucket = new TokenBucket(BEFORE_JOIN, clock);
  return {
    take: () => (bucket.take() ? null : TOO_MANY_BEFORE_JOIN),
    takeSealed: () => ({ refused: 'frames_before_join' }),
    release() {},
  };
}
