import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';
import { scenarios } from './scenarios/index.ts';

const namesOf = (args: string[]) => parseOptions(args).scenarios.map(({ name }) => name);

describe('the options of the LAN lab', () => {
  it('are all scenarios with all contestants but Firefox, Innmesh first', () => {
    expect(parseOptions([]).scenarios).toHaveLength(scenarios.length);
    expect(parseOptions([]).contestants).toEqual([
      'innmesh',
      'innmesh-node',
      'bare',
      'simple-peer',
      'peerjs',
      'trystero',
    ]);
  });

  it('choose scenarios and contestants by name', () => {
    expect(namesOf(['--only', 'moved,cable-10'])).toEqual(['cable-10', 'moved']);
    expect(parseOptions(['--contestants', 'bare,innmesh']).contestants).toEqual(['innmesh', 'bare']);
    for (const name of ['innmesh-node', 'innmesh-firefox']) {
      expect(parseOptions(['--contestants', name]).contestants).toEqual([name]);
    }
  });

  it('refuse what there is not, and say what there is', () => {
    expect(() => parseOptions(['--only', 'fire'])).toThrow(/no scenario "fire"; there are cable-10/);
    expect(() => parseOptions(['--contestants', 'pigeon'])).toThrow(/no contestant "pigeon"/);
  });

  it('name each scenario once', () => {
    expect(new Set(scenarios.map(({ name }) => name)).size).toBe(scenarios.length);
  });
});
