import { describe, expect, it } from 'vitest';
import { chooseContestants } from './contestants/index.ts';
import { parseOptions } from './options.ts';

describe('the options of the benchmark', () => {
  it('measures everybody over five rounds by default', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 5, pings: 1000, only: [] });
    expect(chooseContestants([]).map(({ name }) => name)).toEqual([
      'bare',
      'simple-peer',
      'peerjs',
      'trystero',
      'innmesh',
    ]);
  });

  it('takes rounds, a short form and a choice of contestants', () => {
    const options = parseOptions(['--quick', '--rounds', '2', '--only', 'peerjs,bare']);
    expect(options).toMatchObject({ rounds: 2, pings: 300, only: ['peerjs', 'bare'] });
    expect(chooseContestants(options.only).map(({ name }) => name)).toEqual(['bare', 'peerjs']);
  });

  it('refuses what it does not know', () => {
    expect(() => parseOptions(['--rounds', 'many'])).toThrow('--rounds');
    expect(() => parseOptions(['--slowly'])).toThrow();
    expect(() => chooseContestants(['socket.io'])).toThrow('there are bare, simple-peer');
  });
});
