import { describe, expect, it } from 'vitest';
import { whyNoLan } from '../network/requirements.ts';
import { parseRepairs } from './options.ts';
import { countRepairs } from './repairs.ts';
import { complaints } from './report.ts';

const reason = await whyNoLan();
if (reason) console.log(`Not tested, what a page holds after repairs: ${reason}`);

const REPAIRS = 40;

describe.skipIf(reason)('on a hotel’s network, a page whose links are broken again and again', () => {
  it('holds no connection more than before, whichever way they are mended, and loses nothing', async () => {
    const result = await countRepairs(REPAIRS);
    expect(complaints(result)).toEqual([]);
    const { restarted = 0, replaced = 0, madeAnew = 0 } = result.samples.at(-1)?.mended ?? {};
    expect(Math.min(restarted, replaced, madeAnew)).toBeGreaterThan(0);
    expect(result.sent).toBeGreaterThan(0);
  }, 300_000);
});

describe('the options of the count', () => {
  it('are a thousand repairs, or as many as are asked for', () => {
    expect(parseRepairs([])).toBe(1_000);
    expect(parseRepairs(['--repairs', '60'])).toBe(60);
    expect(() => parseRepairs(['--repairs', 'some'])).toThrow('--repairs');
  });
});
