import { describe, expect, it } from 'vitest';
import type { LogEntry } from './log-entry.ts';
import { programLog } from './program-log.ts';

const entry: LogEntry = { event: 'refused', kind: 'origin', code: 403, address: '203.0.113.0/24', reason: 'No.' };

function written(isProduction: boolean): string {
  const lines: string[] = [];
  programLog((line) => lines.push(line), isProduction)('event=refused …', entry);
  return lines.join('\n');
}

describe('the log of a program', () => {
  it('is a line for people', () => expect(written(false)).toBe('event=refused …'));

  it('is a JSON object a line in production', () => {
    const { event: _, ...fields } = entry;
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(JSON.parse(written(true))).toEqual({ level: 'warn', time, msg: 'refused', ...fields });
  });
});
