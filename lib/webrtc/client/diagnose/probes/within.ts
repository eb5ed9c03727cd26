import type { Clock } from '@innmesh/kit';

/** What `promise` comes to; what `late` says where that takes longer. */
export async function within<T>(clock: Clock, timeoutMs: number, promise: Promise<T>, late: () => T): Promise<T> {
  let cancelTimer = () => {};
  const tooLate = new Promise<T>((resolve) => {
    cancelTimer = clock.setTimer(() => resolve(late()), timeoutMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    cancelTimer();
  }
}
