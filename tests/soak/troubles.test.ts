import { seededRandom } from '@innmesh/kit';
import { describe, expect, it } from 'vitest';
import type { Subject } from './subject.ts';
import { cause, planTroubles } from './troubles.ts';

const nothing = async () => {};
const subjects: Subject[] = [
  { name: 'a', troubles: { kill: nothing, stop: nothing } },
  { name: 'b', troubles: { crash: nothing } },
];
const never = (what: string) => expect.unreachable(what);

describe('the troubles of a soak', () => {
  it('are the same for the same seed and others for another', () => {
    const plan = (seed: number) => planTroubles(seededRandom(seed), subjects, 30_000, []);
    expect(plan(1)).toEqual(plan(1));
    expect(plan(2)).not.toEqual(plan(1));
    expect(new Set(plan(1).map(({ kind }) => kind))).toEqual(new Set(['kill', 'stop', 'crash']));
  });

  it('are of the kinds that were asked for, which have to be some', () => {
    const kinds = planTroubles(seededRandom(1), subjects, 30_000, ['stop']).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(['stop']));
    expect(() => planTroubles(seededRandom(1), subjects, 30_000, ['flood'])).toThrow('no trouble');
  });

  it('leave alone whoever is in trouble, and are over when all are', async () => {
    const over = Promise.withResolvers<void>();
    const log: string[] = [];
    const kill = async () => {
      log.push('killed');
      await over.promise;
      log.push('up');
    };
    const subject = { name: 'a', troubles: { kill } };
    const planned = [0, 1, 2].map((atMs) => ({ atMs, subject, kind: 'kill', forMs: 0 }));
    const caused = cause(planned, never);
    setTimeout(over.resolve, 50);
    expect(await caused).toEqual(new Map([['kill', 1]]));
    expect(log).toEqual(['killed', 'up']);
  });

  it('tell of one from which nobody came back', async () => {
    const kill = () => Promise.reject(new Error('does not start'));
    const failures: string[] = [];
    const planned = [{ atMs: 0, subject: { name: 'a', troubles: { kill } }, kind: 'kill', forMs: 0 }];
    await cause(planned, (what) => failures.push(what));
    expect(failures).toEqual(['a, kill: does not start']);
  });

  it('tell of one that does not end', async () => {
    const kill = () => new Promise<void>(() => {});
    const failures: string[] = [];
    const planned = [{ atMs: 0, subject: { name: 'a', troubles: { kill } }, kind: 'kill', forMs: 1 }];
    await cause(planned, (what) => failures.push(what), 4);
    expect(failures).toEqual(['a, kill: not over after 0.005 s']);
  });
});
