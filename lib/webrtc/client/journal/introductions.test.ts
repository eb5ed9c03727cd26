import { ManualClock } from '@innmesh/kit';
import { CredentialError } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { Introductions, UNKNOWN_KEY_RETRY_MS } from './introductions.ts';
import type { Introduction, Origin } from './origins.ts';
import { type JournalDevice, JournalWorld } from './test-support/journal-world.ts';
import { idOf } from './test-support/streams.ts';

const introduction: Introduction = { peerId: idOf('till'), publicKey: new Uint8Array(65), credential: 'good' };
const till: Origin = { ...introduction, role: 'pos', table: undefined };
const forged = new CredentialError('signature', 'the issuer did not sign it');
const noKeys = new CredentialError('unknown-key', "the issuer's keys could not be had");

describe('what a device says of a writer', () => {
  let clock: ManualClock;
  let verify: () => Promise<Origin>;
  let verified: number;
  let disbelieved: Error[];

  beforeEach(() => {
    [clock, verified, disbelieved] = [new ManualClock(), 0, []];
    verify = async () => till;
  });

  const create = (peerIsHouse = true) =>
    new Introductions({
      clock,
      origins: {
        verify: () => {
          verified += 1;
          return verify();
        },
        expect: () => till,
      },
      peerId: () => idOf('hub'),
      peerIsHouse: () => peerIsHouse,
      disbelieved: (error) => disbelieved.push(error),
    });

  it('is verified, and not kept when it is [L21]', async () => {
    const introductions = create();
    introductions.add(introduction);
    expect(await introductions.writer(till.peerId)).toBe(till);
    for (let count = 0; count < 3; count += 1) await introductions.writer(till.peerId);
    expect([verified, disbelieved]).toEqual([1, []]);
  });

  it('is held against it where it is not so, and then forgotten [L21]', async () => {
    const introductions = create();
    verify = () => Promise.reject(forged);
    introductions.add(introduction);
    expect(await introductions.writer(till.peerId)).toBeNull();
    expect(disbelieved).toEqual([forged]);
    expect(await introductions.writer(till.peerId)).toBe(till);
  });

  it('is looked at again, and held against nobody, where the keys to tell are missing [L21]', async () => {
    const introductions = create();
    verify = () => Promise.reject(noKeys);
    introductions.add(introduction);
    for (let count = 0; count < 3; count += 1) expect(await introductions.writer(till.peerId)).toBeNull();
    expect(verified).toBe(1);
    verify = async () => till;
    clock.advance(UNKNOWN_KEY_RETRY_MS);
    expect(await introductions.writer(till.peerId)).toBe(till);
    expect([verified, disbelieved]).toEqual([2, []]);
  });

  it('is not listened to where it hands nothing on, or says it of too many [L21] [L22]', async () => {
    expect(() => create(false).add(introduction)).toThrow('hands nothing on');
    const introductions = create();
    verify = () => new Promise(() => {});
    for (let number = 0; number < 20_000; number += 1)
      introductions.add({ ...introduction, peerId: idOf(`${number}`) });
    expect(() => introductions.add(introduction)).toThrow('too many');
  });
});

describe('a device of the house that introduces a colleague falsely', () => {
  let world: JournalWorld;
  let [kitchen, waiter, liar]: JournalDevice[] = [];
  const three = () => [kitchen, waiter, liar] as [JournalDevice, JournalDevice, JournalDevice];

  beforeEach(async () => {
    world = new JournalWorld();
    [kitchen, waiter, liar] = [
      await world.device('kitchen', 'kitchen-display'),
      await world.device('waiter'),
      await world.device('liar', 'hub'),
    ];
    world.link(kitchen, liar);
  });

  const lie = () => {
    const [kitchen, waiter, liar] = three();
    const { peerId: origin, publicKey } = waiter;
    world.send(liar, kitchen, 0, { type: 'origin', origin, publicKey, credential: liar.credential });
  };

  it('is the one whose link ends, and the colleague goes on [L21]', async () => {
    const [kitchen, waiter] = three();
    lie();
    await world.pass(100);
    expect(kitchen.drops).toEqual([expect.stringContaining('the issuer did not sign it')]);
    world.link(kitchen, waiter);
    waiter.write('order');
    await world.pass(500);
    expect([kitchen.heard, kitchen.drops.length]).toEqual([['order'], 1]);
  });

  it('while the colleague is linked is not listened to [L21]', async () => {
    const [kitchen, waiter] = three();
    world.link(kitchen, waiter);
    lie();
    waiter.write('order');
    await world.pass(500);
    expect([kitchen.heard, kitchen.drops]).toEqual([['order'], []]);
  });
});

it('what is handed on of a writer that cannot be told for want of keys comes when they are there [L21]', async () => {
  const world = new JournalWorld();
  const [waiter, hub, kitchen] = [
    await world.device('waiter'),
    await world.device('hub'),
    await world.device('kitchen'),
  ];
  const { verifyOrigin } = kitchen;
  kitchen.verifyOrigin = () => Promise.reject(noKeys);
  world.link(waiter, hub);
  for (const order of [1, 2, 3]) waiter.write(order);
  await world.pass(500);
  world.cut(waiter, hub);
  world.link(hub, kitchen);
  const aWhile = async () => {
    for (let second = 0; second < 21; second += 1) {
      await world.pass(1_000);
      kitchen.journals.lookAround();
    }
  };
  await aWhile();
  expect([kitchen.heard, kitchen.drops, world.said('want', { from: kitchen }).length]).toEqual([[], [], 3]);
  kitchen.verifyOrigin = verifyOrigin;
  await aWhile();
  expect([kitchen.heard, kitchen.drops]).toEqual([[1, 2, 3], []]);
});
