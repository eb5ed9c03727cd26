import type { CheckName, CheckResult, Diagnosis } from '../public-types.ts';
import { judgeCandidates } from './checks/candidates.ts';
import { judgeDefaultRoute } from './checks/default-route.ts';
import { judgeDirectPath } from './checks/direct-path.ts';
import { judgeIsolation } from './checks/isolation.ts';
import { judgeLocalNetwork } from './checks/local-network.ts';
import { judgeMdns } from './checks/mdns.ts';
import { judgeSignaling } from './checks/signaling.ts';
import { judgeStun } from './checks/stun.ts';
import { judgeTurn } from './checks/turn.ts';
import type { Facts, Judgement } from './facts.ts';
import { count } from './words.ts';

type Check = { title: string; judge(facts: Facts): Judgement };

/** A cause comes before what follows from it. */
export const CHECKS: Record<CheckName, Check> = {
  'local-network': { title: 'Permission for the local network', judge: judgeLocalNetwork },
  'default-route': { title: 'Network and router', judge: judgeDefaultRoute },
  candidates: { title: 'Addresses of this device', judge: judgeCandidates },
  signaling: { title: 'The hotel’s server', judge: judgeSignaling },
  mdns: { title: 'Names on the network', judge: judgeMdns },
  isolation: { title: 'Devices kept apart', judge: judgeIsolation },
  'direct-path': { title: 'Links to other devices', judge: judgeDirectPath },
  turn: { title: 'Relay (TURN)', judge: judgeTurn },
  stun: { title: 'Address on the internet (STUN)', judge: judgeStun },
};

export function judge(facts: Facts): Diagnosis {
  const checks = Object.entries(CHECKS).map(([name, check]): CheckResult => {
    return { name: name as CheckName, title: check.title, ...check.judge(facts) };
  });
  return { ...summarize(checks), checks };
}

function summarize(checks: CheckResult[]): Pick<Diagnosis, 'verdict' | 'summary'> {
  const failed = checks.filter(({ verdict }) => verdict === 'failed');
  const warnings = checks.filter(({ verdict }) => verdict === 'warning');
  const [first, ...others] = [...failed, ...warnings];
  if (!first) return { verdict: 'ok', summary: 'All is well: nothing was found that keeps links from coming up.' };
  const more = others.length > 0 ? ` ${count(others.length, 'more point')} below.` : '';
  if (failed.length > 0) return { verdict: 'failed', summary: first.words + more };
  return { verdict: 'warning', summary: `Links can come up, but: ${first.words}${more}` };
}
