import type { Clock } from '@innmesh/kit';
import type { Diagnosis } from '../public-types.ts';

/** Most pages never need it. */
export const loadDiagnosis = () => import('./diagnose.ts');

const LOAD_TIMEOUT_MS = 5_000;

/** `undefined` where the page's own server, from which it comes, is out of reach. */
export function loadInTime(clock: Clock): Promise<Awaited<ReturnType<typeof loadDiagnosis>> | undefined> {
  return new Promise((resolve) => {
    const cancelTimer = clock.setTimer(() => resolve(undefined), LOAD_TIMEOUT_MS);
    loadDiagnosis()
      .then(resolve, () => resolve(undefined))
      .finally(cancelTimer);
  });
}

export const NOT_LOADED: Diagnosis = {
  verdict: 'failed',
  summary: 'The server that this page came from cannot be reached.',
  checks: [],
};
