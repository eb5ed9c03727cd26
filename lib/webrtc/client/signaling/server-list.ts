import type { Clock } from '@innmesh/kit';

/** Who kept the device for so long has nothing against it. */
export const LASTING_MS = 30_000;
const AVOIDED = { baseMs: 60_000, maxMs: 10 * 60_000 };

/** A server that let the device in and did not keep it. */
interface Unsteady {
  shortStays: number;
  untilMs: number;
  isFaulty: boolean;
}

/** The servers of the configuration, best first; for a while nobody moves to one that lets devices in and does not keep them. */
export class ServerList {
  readonly #urls: readonly string[];
  readonly #clock: Clock;
  readonly #unsteady = new Map<string, Unsteady>();

  /** `urls`: in the order in which they are wanted. */
  constructor(urls: readonly string[], clock: Clock) {
    this.#urls = urls;
    this.#clock = clock;
  }

  /** All of them, in the order in which they are to be asked; one that did what the protocol forbids comes last for a while. */
  inOrder(): string[] {
    const rank = (url: string) => (this.#avoided(url)?.isFaulty ? 1 : 0);
    return [...this.#urls].sort((one, other) => rank(one) - rank(other));
  }

  /** Those to which a device that is with this one moves when they are there. */
  betterThan(url: string): string[] {
    return this.#urls.slice(0, this.#urls.indexOf(url)).filter((better) => !this.#avoided(better));
  }

  isBest(url: string): boolean {
    return this.#urls[0] === url;
  }

  /** The device was with it for so long, and is not any more. */
  left(url: string, stayedMs: number, isFaulty: boolean): void {
    if (stayedMs >= LASTING_MS) {
      this.#unsteady.delete(url);
      return;
    }
    const { shortStays } = this.#unsteady.get(url) ?? { shortStays: 0 };
    const untilMs = this.#clock.monotonicMs() + Math.min(AVOIDED.maxMs, AVOIDED.baseMs * 2 ** shortStays);
    this.#unsteady.set(url, { shortStays: shortStays + 1, untilMs, isFaulty });
  }

  #avoided(url: string): Unsteady | null {
    const unsteady = this.#unsteady.get(url);
    return unsteady && this.#clock.monotonicMs() < unsteady.untilMs ? unsteady : null;
  }
}
