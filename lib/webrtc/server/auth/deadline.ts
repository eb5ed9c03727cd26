import type { CancelTimer, Clock } from '@innmesh/kit';

/** What a timer holds (2³¹ − 1 milliseconds); a longer one would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Runs `callback` once the clock shows this time, however far away that is. */
export function setDeadline(clock: Clock, callback: () => void, atMs: number): CancelTimer {
  let cancel = wait();
  function wait(): CancelTimer {
    const leftMs = Math.min(Math.max(atMs - clock.nowMs(), 0), LONGEST_TIMER_MS);
    return clock.setTimer(look, Math.ceil(leftMs));
  }
  /** Not yet where the timer was cut short, and where the clock was set back. */
  function look(): void {
    if (clock.nowMs() < atMs) cancel = wait();
    else callback();
  }
  return () => cancel();
}
