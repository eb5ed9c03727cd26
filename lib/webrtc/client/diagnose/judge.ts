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

interface Check {
  title: string;
  /** Of whatever is wrong with it, in a few words. */
  trouble: string;
  judge(facts: Facts): Judgement;
}

/** A cause comes before what follows from it. */
export const CHECKS: Record<CheckName, Check> = {
  'local-network': {
    title: 'Permission for the local network',
    trouble: 'This page has not been allowed to reach the local network.',
    judge: judgeLocalNetwork,
  },
  'default-route': {
    title: 'Network and router',
    trouble: 'This device has no network that it can link over.',
    judge: judgeDefaultRoute,
  },
  candidates: {
    title: 'Addresses of this device',
    trouble: 'Other devices have no way to reach this one.',
    judge: judgeCandidates,
  },
  signaling: {
    title: 'The hotel’s server',
    trouble: 'There is trouble between this device and the hotel’s server.',
    judge: judgeSignaling,
  },
  mdns: {
    title: 'Names on the network',
    trouble: 'Other devices may not find this one by its name.',
    judge: judgeMdns,
  },
  isolation: {
    title: 'From device to device',
    trouble: 'The WiFi seems to keep devices apart.',
    judge: judgeIsolation,
  },
  'direct-path': {
    title: 'Links to other devices',
    trouble: 'A link to another device is missing, or takes a detour.',
    judge: judgeDirectPath,
  },
  turn: {
    title: 'Relay (TURN)',
    trouble: 'The relay for devices that do not reach each other does not work.',
    judge: judgeTurn,
  },
  stun: {
    title: 'Address on the internet (STUN)',
    trouble: 'This device could not find out its address on the internet.',
    judge: judgeStun,
  },
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
  const { trouble } = CHECKS[first.name];
  const more = others.length > 0 ? ` ${count(others.length, 'more point')} below.` : '';
  if (failed.length > 0) return { verdict: 'failed', summary: trouble + more };
  return { verdict: 'warning', summary: `No fault was found, but: ${trouble}${more}` };
}
