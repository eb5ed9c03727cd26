import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 30_000;
const POLL_INTERVAL_MS = 100;

/** Whether it came true before patience was at an end. */
export async function eventually(condition: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<boolean> {
  const deadlineMs = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) return false;
    await sleep(POLL_INTERVAL_MS);
  }
  return true;
}
