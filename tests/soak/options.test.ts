import { describe, expect, it } from 'vitest';
import { parseOptions, repeatCommand } from './options.ts';

describe('the options of the soak', () => {
  it('are those of the command that it prints', () => {
    const args = ['--seconds', '9', '--seed', '7', '--nodes', '2', '--pages', '0', '--troubles', 'kill,stop'];
    const options = parseOptions(args);
    expect(options).toEqual({ seconds: 9, seed: 7, nodes: 2, pages: 0, troubles: ['kill', 'stop'] });
    expect(repeatCommand(options)).toBe(`npm run soak -- ${args.join(' ')}`);
  });

  it('draw a new seed each time', () => {
    expect(parseOptions([]).seed).not.toBe(parseOptions([]).seed);
  });

  it('are refused where nobody could talk to anybody, or are none', () => {
    expect(() => parseOptions(['--nodes', '1', '--pages', '0'])).toThrow('at least two devices');
    expect(() => parseOptions(['--seconds', 'long'])).toThrow('--seconds');
    expect(() => parseOptions(['--hours', '1'])).toThrow();
  });
});
