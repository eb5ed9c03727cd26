import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedFrameError } from '../errors.ts';
import { journalEntry } from '../test-support/arbitraries.ts';
import { ByteWriter } from '../wire/bytes.ts';
import type { Audience } from './audience.ts';
import { decodeEntry, type Entry, encodeEntry, MAX_LIFETIME_MS } from './entry.ts';

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const audiences: Audience[] = [
  { to: 'all' },
  { to: 'devices', names: ['d'] },
  { to: 'role', names: ['pos'] },
  { to: 'capability', names: ['bar', 'pool'] },
  { to: 'first', names: ['printer'] },
];
const entryFor = (audience: Audience): Entry => ({
  writtenAt: 300,
  lifetimeMs: 5,
  type: 'x-a',
  audience,
  body: Uint8Array.of(7, 8),
});

/** The fields as they stand in an entry, whatever they are. */
function forged(fields: { lifetimeMs?: number; type?: string; kind?: number; names?: number }) {
  const { lifetimeMs = 5, type = 'x-a', kind = 0, names = 0 } = fields;
  const writer = new ByteWriter();
  writer.varint(300);
  writer.varint(lifetimeMs);
  writer.varint(type.length);
  writer.bytes(Uint8Array.from(ascii(type)));
  writer.varint(kind);
  writer.varint(names);
  writer.bytes(new Uint8Array(names));
  return writer.finish();
}

describe('an entry', () => {
  it('is when it was written, for how long, its type, for whom, and its body, in these bytes [L17]', () => {
    const bytes = encodeEntry(entryFor({ to: 'first', names: ['pos', 'hub'] }));
    const audience = [4, 2, 3, ...ascii('pos'), 3, ...ascii('hub')];
    expect([...bytes]).toEqual([0xac, 2, 5, 3, ...ascii('x-a'), ...audience, 7, 8]);
  });

  it('comes out as it went in', () => {
    fc.assert(
      fc.property(journalEntry, (entry) => {
        const decoded = decodeEntry(encodeEntry(entry));
        expect(decoded).toMatchObject(entry);
        expect(encodeEntry(decoded)).toEqual(encodeEntry(entry));
      }),
      { seed: 1, numRuns: 1_000 },
    );
  });

  it.each(audiences)('says for whom it is: $to', (audience) => {
    expect(decodeEntry(encodeEntry(entryFor(audience))).audience).toMatchObject(audience);
  });

  it('whose bytes end before its body is refused as malformed [W1]', () => {
    const bytes = encodeEntry({ ...entryFor({ to: 'devices', names: ['d'] }), body: new Uint8Array() });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeEntry(bytes.slice(0, length)), `${length} bytes`).toThrow(MalformedFrameError);
    }
  });

  it('for all names nobody: there is one way to write it [L17]', () => {
    expect(() => decodeEntry(forged({ kind: 0, names: 1 }))).toThrow(MalformedFrameError);
    expect(decodeEntry(forged({ kind: 1, names: 1 })).audience).toEqual({ to: 'devices', names: [''] });
  });

  it.each([
    ['a time to live of more than 30 days', { lifetimeMs: MAX_LIFETIME_MS + 1 }, '"lifetimeMs" must be at most'],
    ['no type', { type: '' }, '"type" must have at least 1 character'],
    ['a type of more than 64 characters', { type: 'x'.repeat(65) }, '"type" must have at most 64 characters'],
    ['an audience of a kind that is unknown', { kind: 5 }, '"audience.kind" must be at most 4'],
    ['more than 1,000 whom it is for', { kind: 1, names: 1_001 }, '"audience.names" must have at most 1000 entries'],
  ])('with %s is refused with the name of the field [L17]', (_, fields, problem) => {
    expect(() => decodeEntry(forged(fields))).toThrow(`In an entry ${problem}`);
    expect(() => decodeEntry(forged({}))).not.toThrow();
  });
});
