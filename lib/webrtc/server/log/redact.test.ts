import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatEntry, type LogEntry } from './log-entry.ts';
import { redact } from './redact.ts';

const JWT = 'eyJhbGciOiJFZERTQSJ9.eyJ0ZW5hbnQiOiJob3RlbCJ9.c2lnbmF0dXJl';

describe('what a stranger wrote', () => {
  it.each([
    [`token ${JWT} here`, 'token [redacted] here'],
    ['eyJhbGciOiJF.eyJ0ZW5h.', '[redacted]'],
    ['key dGhpcyBpcyBhIHNlY3JldCBrZXk=.', 'key [redacted].'],
    ['Bearer aGVsbG8rd29ybGQvaGVsbG8rd29ybGQ=', 'Bearer [redacted]'],
    ['two\r\nlines', 'two??lines'],
    ['\u001b[31mred\u001b[0m \u0007', '?[31mred?[0m ?'],
    ['caf\u00e9 \u2028 \ud83d\ude00', 'caf? ? ??'],
    [`${'ab '.repeat(1_000)}`, `${'ab '.repeat(100)}...`],
  ])('%j is logged as %j', (text, shown) => expect(redact(text)).toBe(shown));

  it('is cut and redacted, while what the server itself says is left alone', () => {
    const said =
      'More than 6000 frames of all devices at once or 0.5 a second. This server speaks innmesh.4; field "a[0].b"';
    expect(redact(said)).toBe(said);
  });

  it('is one short line of printable ASCII without a run that could be a key, whatever it was', () => {
    const text = fc.string({ unit: 'binary', maxLength: 1_000 });
    fc.assert(
      fc.property(text, fc.base64String({ minLength: 24, maxLength: 200 }), (around, key) => {
        const shown = redact(`${around} ${key} ${around}`);
        expect(shown).toMatch(/^[\x20-\x7e]{0,303}$/);
        expect(shown).not.toMatch(/[\w+/=-]{24,}/);
      }),
      { seed: 1, numRuns: 500 },
    );
  });
});

describe('a line of the log', () => {
  const entry: LogEntry = { event: 'refused', kind: 'origin', code: 403, address: '203.0.113.0/24', reason: 'No.' };

  it('has its fields in one order, and quotes what is not one word', () => {
    expect(formatEntry(entry)).toBe('event=refused kind=origin code=403 address=203.0.113.0/24 reason=No.');
    expect(formatEntry({ ...entry, reason: 'a "b" kind=c', repeated: 3 })).toBe(
      'event=refused kind=origin code=403 address=203.0.113.0/24 reason="a \\"b\\" kind=c" repeated=3',
    );
  });
});
