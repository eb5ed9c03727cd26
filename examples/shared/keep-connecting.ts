import { backoffDelayMs, type Clock, type Random } from '@innmesh/kit';

export interface KeepConnectingDeps {
  clock: Clock;
  random: Random;
}

const backoff = { baseMs: 1000, maxMs: 10_000 };

/**
 * Calls `connect` until it succeeds, with growing pauses; after that the library comes back by itself. `onFailure` is
 * told of each failure. Returns a function that gives up.
 */
export function keepConnecting(
  connect: () => Promise<void>,
  onFailure: (error: Error) => void,
  { clock, random }: KeepConnectingDeps,
): () => void {
  let stopped = false;
  let cancelTimer = () => {};

  async function attempt(number: number): Promise<void> {
    try {
      await connect();
    } catch (error) {
      if (stopped) return;
      onFailure(error as Error);
      cancelTimer = clock.setTimer(() => void attempt(number + 1), backoffDelayMs(number, backoff, random));
    }
  }

  void attempt(0);
  return () => {
    stopped = true;
    cancelTimer();
  };
}
