import { describe, expect, it } from 'vitest';
import type { Handed, Line, Stored } from './ledger.ts';
import { judge, REPEAT_WINDOW_MS } from './verdict.ts';

const connected = (name: string): Line => ({ kind: 'connected', peerId: `id of ${name}` });
const killed = (atMs: number, start = 1): Line => ({ kind: 'ended', start, atMs });
const stored = (number: number, ...readers: string[]): Stored => ({
  kind: 'stored',
  number,
  id: `entry ${number}`,
  to: readers.map((name) => `id of ${name}`),
  isForOne: false,
});
const handed = (number: number, atMs = 0, start = 1): Handed => ({
  kind: 'handed',
  from: 'writer',
  number,
  id: `entry ${number}`,
  start,
  atMs,
});

/** A writer's ledger beside those of two readers. */
function judged(writer: Line[], reader: Line[], other: Line[] = []) {
  const ledgers = { writer, reader: [connected('reader'), ...reader], other: [connected('other'), ...other] };
  return judge(new Map(Object.entries(ledgers)));
}

const faultsOf = (...ledgers: Parameters<typeof judged>) =>
  judged(...ledgers).violations.map(({ fault, device, about }) => `${fault}: ${about} at ${device}`);

describe('the verdict on the ledgers', () => {
  it('is that nothing is wrong where each reader got all that is for it, once, in order', () => {
    const writer = [stored(1, 'reader', 'other'), { ...stored(2, 'reader'), isForOne: true }, stored(3, 'reader')];
    expect(faultsOf(writer, [handed(1), handed(2), handed(3)], [handed(1)])).toEqual([]);
  });

  it('finds what was stored and never came, at each whom it is for', () => {
    expect(faultsOf([stored(1, 'reader', 'other')], [handed(1)])).toEqual(['lost: number 1 of writer at other']);
    expect(faultsOf([stored(1, 'reader', 'stranger')], [handed(1)])).toEqual([
      'lost: number 1 of writer at id of stranger',
    ]);
  });

  it('asks of what was sent to nobody in particular that somebody has it', () => {
    expect(faultsOf([stored(1)], [], [handed(1)])).toEqual([]);
    expect(faultsOf([stored(1)], [])).toEqual(['lost: number 1 of writer at anybody']);
  });

  it('does not ask for what its writer was never told is stored', () => {
    expect(faultsOf([], [handed(7)])).toEqual([]);
    expect(faultsOf([], [])).toEqual([]);
  });

  it('finds what is handed over twice', () => {
    expect(faultsOf([], [handed(1), handed(1)])).toEqual(['repeated: number 1 of writer at reader']);
  });

  it('counts apart what is repeated to a reader that was killed in the moment after', () => {
    const { violations, repeatsAfterEnd } = judged([], [handed(1, 500), killed(501), handed(1, 600, 2)]);
    expect(violations).toEqual([]);
    expect(repeatsAfterEnd).toEqual(new Map(Object.entries({ writer: 0, reader: 1, other: 0 })));
  });

  it('does not excuse a repeat by a kill long after the hand-over, before it, or of another device', () => {
    const late = [handed(1, 0), killed(REPEAT_WINDOW_MS + 1), handed(1, 2_000, 2)];
    const before = [killed(0), handed(1, 1, 2), handed(1, 2, 2)];
    const ofAnother = [handed(1), handed(1)];
    expect(faultsOf([], late)).toEqual(['repeated: number 1 of writer at reader']);
    expect(faultsOf([], before)).toEqual(['repeated: number 1 of writer at reader']);
    expect(faultsOf([], ofAnother, [killed(0)])).toEqual(['repeated: number 1 of writer at reader']);
  });

  it('knows a hand-over that was recorded only after the end of its reader for what it is', () => {
    expect(faultsOf([], [killed(501), handed(1, 500), handed(1, 600, 2)])).toEqual([]);
    expect(faultsOf([], [killed(501), handed(1, 500), handed(1, 500)])).toEqual([
      'repeated: number 1 of writer at reader',
    ]);
  });

  it('does not excuse a second repeat by the kill that excused the first', () => {
    expect(faultsOf([], [handed(1, 0), killed(1), handed(1, 2, 2), handed(1, 3, 2)])).toEqual([
      'repeated: number 1 of writer at reader',
    ]);
  });

  it('finds what overtook or came late, and does not take a gap or a repeat for it', () => {
    expect(faultsOf([], [handed(1), handed(3), handed(2)])).toEqual(['out of order: number 2 of writer at reader']);
    expect(faultsOf([], [handed(1), handed(3)])).toEqual([]);
    expect(faultsOf([], [handed(1), handed(2), killed(0), handed(1, 1, 2), handed(2, 1, 2), handed(3, 1, 2)])).toEqual(
      [],
    );
  });

  it('knows the order of each writer apart', () => {
    expect(faultsOf([], [handed(5), { ...handed(1), from: 'other' }, handed(6)])).toEqual([]);
  });

  it('finds what was for one device and came to another', () => {
    const writer = [{ ...stored(1, 'reader'), isForOne: true }];
    expect(faultsOf(writer, [handed(1)], [handed(1)])).toEqual(['strayed: number 1 of writer at other']);
  });

  it('finds a device that comes back as another one', () => {
    expect(faultsOf([], [killed(1), connected('reader')])).toEqual([]);
    expect(faultsOf([], [killed(1), connected('it')])).toEqual(['other peer id: id of it at reader']);
  });

  it('finds an id that is not the one its writer knows', () => {
    expect(faultsOf([stored(1, 'reader')], [{ ...handed(1), id: 'entry 2' }])).toEqual([
      'wrong id: number 1 of writer at reader',
    ]);
    const { id, ...withoutId } = handed(1);
    expect(faultsOf([stored(1, 'reader')], [withoutId as Handed])).toEqual(['wrong id: number 1 of writer at reader']);
  });
});
