import type { Clock } from '@innmesh/kit';
import type { UndeliveredReason } from '@innmesh/protocol';
import type { Allowance } from './limits/allowance.ts';
import type { RefusalKind } from './refusals.ts';
import type { Member } from './room.ts';

export interface SealedFramesDeps {
  clock: Clock;
  /** Whether this server hands any on. */
  relayFrames: boolean;
  maxBufferedBytes: number;
  allowance: Pick<Allowance, 'takeSealed'>;
  /** Tells the device to send none for so long. */
  pause(pauseMs: number): void;
}

/** Of what may wait for a reader before it is cut off, so much may be sealed frames: nobody is put out by those. */
const SHARE_OF_BUFFER = 0.25;
/** One word is enough for what comes in so short a time. */
const MIN_PAUSE_MS = 50;

/** `kind`: for the operator; `reason`: for the sender. */
export type SealedRefusal = { kind: RefusalKind; reason: UndeliveredReason };

/** What one device sends to others through the server, where they reach each other in no other way. */
export class SealedFrames {
  readonly #deps: SealedFramesDeps;
  #pausedUntilMs = 0;

  constructor(deps: SealedFramesDeps) {
    this.#deps = deps;
  }

  /** Why a frame is not handed on; `null` where it may be. */
  refuse(sizeBytes: number, target: Member | undefined): SealedRefusal | null {
    const { relayFrames, allowance, maxBufferedBytes } = this.#deps;
    if (!relayFrames) return { kind: 'relay_off', reason: 'off' };
    const verdict = allowance.takeSealed(sizeBytes);
    if (verdict.refused) return { kind: verdict.refused, reason: 'rate' };
    if (verdict.pauseMs > 0) this.#pause(verdict.pauseMs);
    const isSlow = target && target.bufferedBytes() > maxBufferedBytes * SHARE_OF_BUFFER;
    return isSlow ? { kind: 'slow_receiver', reason: 'slow-receiver' } : null;
  }

  #pause(atLeastMs: number): void {
    const { clock, pause } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (nowMs < this.#pausedUntilMs) return;
    const pauseMs = Math.min(Math.max(Math.ceil(atLeastMs), MIN_PAUSE_MS), 60_000);
    this.#pausedUntilMs = nowMs + pauseMs;
    pause(pauseMs);
  }
}
