/** Takes back a timer; harmless when it has fired or was taken back already. */
export type CancelTimer = () => void;

/** Time as an input, so that a test decides when an interval has passed. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /** Milliseconds since some moment; never set back, finer than `nowMs`, for measuring how long something takes. */
  monotonicMs(): number;
  /** Runs `callback` once, `delayMs` from now. */
  setTimer(callback: () => void, delayMs: number): CancelTimer;
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer(callback, delayMs) {
    const handle = setTimeout(callback, delayMs);
    return () => clearTimeout(handle);
  },
};

/** Runs `callback` each `intervalMs` until taken back. */
export function setRepeating(clock: Clock, callback: () => void, intervalMs: number): CancelTimer {
  let cancel = clock.setTimer(tick, intervalMs);
  function tick(): void {
    cancel = clock.setTimer(tick, intervalMs);
    callback();
  }
  return () => cancel();
}
