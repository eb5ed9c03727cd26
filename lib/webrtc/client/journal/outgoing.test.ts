import { expect, it } from 'vitest';
import { Outgoing } from './outgoing.ts';
import { streamOf } from './test-support/streams.ts';

const MIB = 1024 * 1024;
const outgoing = async () => new Outgoing(await streamOf(), 3);

it('what is on its way is bounded to four mebibytes, until the peer confirms some of it', async () => {
  const out = await outgoing();
  out.note(1, 4 * MIB - 1);
  expect(out.hasRoom).toBe(true);
  out.note(2, 1);
  expect(out.hasRoom).toBe(false);
  out.confirm(1);
  expect([out.hasRoom, out.confirmed]).toEqual([true, 1]);
});

it('one entry may be longer than that, and nothing goes behind it before it is confirmed', async () => {
  const out = await outgoing();
  expect(out.hasRoom).toBe(true);
  out.note(4, 16 * MIB);
  expect(out.hasRoom).toBe(false);
  out.confirm(9);
  expect([out.hasRoom, out.confirmed]).toEqual([true, 9]);
});

it('a late confirmation does not take back an earlier one', async () => {
  const out = await outgoing();
  out.confirm(9);
  out.confirm(4);
  expect(out.confirmed).toBe(9);
});

it('a peer that asks from some place on is sent what lies there, whatever was on its way', async () => {
  const out = await outgoing();
  out.note(8, 5 * MIB);
  out.beginAt(5);
  expect([out.sent, out.sealed, out.vouched, out.confirmed, out.hasRoom]).toEqual([5, 5, 5, 5, true]);
});
