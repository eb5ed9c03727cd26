import { behindNat } from './behind-nat.ts';
import { interruptions } from './interruptions.ts';
import { isolated, isolatedWithPeer } from './isolated.ts';
import { loss } from './loss.ts';
import { noServer } from './no-server.ts';
import type { Scenario } from './scenario.ts';

export const scenarios: readonly Scenario[] = [
  ...interruptions,
  loss(1),
  loss(5),
  isolated,
  isolatedWithPeer,
  noServer,
  behindNat('nat', 'Two subnets behind NAT that keeps ports, with STUN and TURN beyond', 'port-preserving'),
  behindNat('turn', 'Two subnets behind NAT that needs a relay, with STUN and TURN beyond', 'symmetric'),
];

/** Those of these names; all where there is none. */
export function chooseScenarios(only: string[]): Scenario[] {
  const names = scenarios.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown) throw new Error(`--only: no scenario "${unknown}"; there are ${names.join(', ')}`);
  return scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
}
