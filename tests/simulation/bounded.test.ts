import type { Role } from '@innmesh/webrtc';
import { describe, expect, it } from 'vitest';
import { hangsTogether, violationsOfBounds } from './bounded-links.ts';
import { closeDown, liveThroughChaos, PEACE_MS } from './chaos.ts';
import { violationsOfSilence } from './invariants.ts';
import { World } from './world.ts';

const seeds = Math.ceil(Number(process.env.INNMESH_SEEDS ?? 30) / 10);
const firstSeed = Number(process.env.INNMESH_SEED ?? 1);

const MAX_LINKS = 8;
const MEAN_PAUSE_MS = 15_000;
/** What the slowest needs: a device that was out of reach has to come back to the server first. */
const RECOVERY_MS = 45_000;

const times = (count: number, role: Role): Role[] => Array.from({ length: count }, () => role);
const properties: Record<string, Role[]> = {
  'thirty of the house': times(30, 'staff'),
  'twelve of the house, five that relay nothing and guests': [
    ...[...times(8, 'staff'), ...times(2, 'kitchen-display'), ...times(1, 'pos'), ...times(1, 'hub')],
    ...[...times(3, 'printer'), ...times(2, 'gateway'), ...times(13, 'guest')],
  ],
  'two of the house and guests': [...times(2, 'staff'), ...times(12, 'guest')],
};

describe.each(Object.entries(properties))(
  '%s, eight links each, while links, signaling and the server fail',
  (_, roles) => {
    it.each(Array.from({ length: seeds }, (_, index) => firstSeed + index))(
      'can all hear of each other soon, and no link is left over or missing in the end (seed %i)',
      async (seed) => {
        const world = new World(seed, null, MAX_LINKS);
        await liveThroughChaos(world, roles, MEAN_PAUSE_MS);
        const recovered = await world.time.until(() => hangsTogether(world), RECOVERY_MS);
        await world.time.pass(PEACE_MS);
        const violations = violationsOfBounds(world);
        await closeDown(world);
        const repeat = `INNMESH_SEED=${seed} INNMESH_SEEDS=1 npx vitest run tests/simulation/bounded`;
        expect([...violations, ...violationsOfSilence(world)], `Repeat with: ${repeat}`).toEqual([]);
        expect(recovered).toBe(true);
      },
    );
  },
);
