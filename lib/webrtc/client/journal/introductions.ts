import type { Clock } from '@innmesh/kit';
import { CredentialError, MalformedFrameError } from '@innmesh/protocol';
import type { Introduction, Origin, Origins } from './origins.ts';

export interface IntroductionsDeps {
  clock: Clock;
  origins: Pick<Origins, 'verify' | 'expect'>;
  /** The device that introduces others. */
  peerId(): string;
  peerIsHouse(): boolean;
  /** It has introduced somebody falsely. */
  disbelieved(error: Error): void;
}

interface Open {
  readonly introduction: Introduction;
  /** `null` where it is not so, or cannot be told now. */
  verdict: Promise<Origin | null>;
  /** When the issuer's keys were missing to tell. */
  missedAtMs: number | null;
}

/** More writers than a hello names. */
const MAX_OPEN = 20_000;
/** Nobody fetches the issuer's keys more often. */
export const UNKNOWN_KEY_RETRY_MS = 10_000;

/**
 * What the device at the other end of one link says of those whose entries it hands on (SPEC.md, L21). Each link's word is
 * its own: what one says falsely is held against no other, and least of all against the writer itself.
 */
export class Introductions {
  readonly #deps: IntroductionsDeps;
  /** Those that are not verified, or not yet. */
  readonly #open = new Map<string, Open>();

  constructor(deps: IntroductionsDeps) {
    this.#deps = deps;
  }

  /** Throws `MalformedFrameError` for what no device says. */
  add(introduction: Introduction): void {
    if (!this.#deps.peerIsHouse()) throw new MalformedFrameError('It introduces others and hands nothing on.');
    if (this.#open.size >= MAX_OPEN) throw new MalformedFrameError('It introduces too many at once.');
    this.#verify(introduction);
  }

  /**
   * Who that is, once it is verified; `null` where that cannot be told now, and may be later. Rejects with `CredentialError`
   * where nobody has said it.
   */
  async writer(peerId: string): Promise<Origin | null> {
    const open = this.#open.get(peerId);
    // Who is at the other end, the link itself has proven.
    if (!open || peerId === this.#deps.peerId()) return this.#deps.origins.expect(peerId);
    const { missedAtMs } = open;
    const isDue = missedAtMs !== null && this.#deps.clock.monotonicMs() - missedAtMs >= UNKNOWN_KEY_RETRY_MS;
    return isDue ? this.#verify(open.introduction) : open.verdict;
  }

  #verify(introduction: Introduction): Promise<Origin | null> {
    const verdict = this.#deps.origins.verify(introduction).then(
      (origin) => {
        this.#close(open);
        return origin;
      },
      (error) => {
        this.#fail(open, error);
        return null;
      },
    );
    const open: Open = { introduction, verdict, missedAtMs: null };
    this.#open.set(introduction.peerId, open);
    return verdict;
  }

  #fail(open: Open, error: Error): void {
    if (!isFalse(error)) {
      open.missedAtMs = this.#deps.clock.monotonicMs();
      return;
    }
    this.#close(open);
    this.#deps.disbelieved(error);
  }

  /** Unless the peer has said something else of it meanwhile. */
  #close(open: Open): void {
    if (this.#open.get(open.introduction.peerId) === open) this.#open.delete(open.introduction.peerId);
  }
}

/** A key that this device does not have, or cannot fetch now, is nobody's lie. */
function isFalse(error: Error): boolean {
  if (error instanceof CredentialError) return error.problem !== 'unknown-key';
  return error instanceof MalformedFrameError;
}
