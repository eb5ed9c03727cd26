import { ManualClock } from '@innmesh/kit';
import { encodeText, series } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { Receipts, readReceipt } from './receipts.ts';
import type { Stream } from './replica.ts';
import { keyOf } from './stream.ts';
import { idOf, streamOf } from './test-support/streams.ts';

type Written = [stream: Stream, body: Uint8Array<ArrayBuffer>];

describe('a receipt', () => {
  it('tells a writer what has arrived of it, together with what comes within a moment', async () => {
    const clock = new ManualClock();
    const written: Written[] = [];
    const receipts = new Receipts(clock, (...each) => written.push(each));
    const [till, bar] = [await streamOf('till'), await streamOf('bar', { series: series.sharedBulk })];
    for (const seq of [3, 4, 7]) receipts.add(till, seq);
    receipts.add(bar, 2);
    clock.advance(99);
    expect(written).toEqual([]);
    clock.advance(1);
    expect(written.map(([stream]) => stream)).toEqual([till, bar]);
    const { key, covers } = readReceipt(written[0]?.[1] ?? new Uint8Array(), idOf('till'));
    expect(key).toBe(till.key);
    expect([2, 3, 4, 5, 6, 7, 8].filter(covers)).toEqual([3, 4, 7]);
    expect(readReceipt(written[1]?.[1] ?? new Uint8Array(), idOf('bar')).key).toBe(bar.key);
    clock.advance(1_000);
    expect([written.length, clock.pendingTimers]).toEqual([2, 0]);
  });

  it('goes at once where the device is about to leave', async () => {
    const clock = new ManualClock();
    const written: Written[] = [];
    const receipts = new Receipts(clock, (...each) => written.push(each));
    receipts.add(await streamOf('till'), 3);
    receipts.flush();
    expect([written.length, clock.pendingTimers]).toEqual([1, 0]);
  });

  it("speaks of nobody's entries but its reader's own", async () => {
    const { journal } = await streamOf('till');
    const body = encodeText(`${journal} 0 1`);
    expect(readReceipt(body, idOf('bar')).key).toBe(keyOf({ origin: idOf('bar'), journal, series: series.shared }));
  });

  it.each(['', 'journal 0', 'journal 0 x', 'journal 0 1-', 'journal 0 1,,2'])(
    'that says "%s" is refused as malformed',
    (text) => {
      expect(() => readReceipt(encodeText(text), 'own')).toThrow('This is no receipt.');
    },
  );
});
