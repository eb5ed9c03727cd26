import type { Diagnosis } from '../public-types.ts';
import { judge } from './judge.ts';
import { type LookAroundDeps, lookAround } from './look-around.ts';

export { readRoom } from './room-account.ts';

/** Looks around, for at most 8 seconds, and says what is wrong. */
export async function diagnose(deps: LookAroundDeps, peerId?: string): Promise<Diagnosis> {
  return judge(await lookAround(deps, peerId));
}
