import { type ReplicationMessage, series } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { lanes } from '../link/transport.ts';
import { type JournalDevice, JournalWorld } from './test-support/journal-world.ts';
import { idOf } from './test-support/streams.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

describe('a device that speaks', () => {
  let [staff, guest]: JournalDevice[] = [];
  const two = () => [staff, guest] as [JournalDevice, JournalDevice];
  const journal = new Uint8Array(8).fill(9);
  const stream = (origin: JournalDevice | string, of: number = series.shared, number = 0): ReplicationMessage => {
    const id = typeof origin === 'string' ? origin : origin.peerId;
    return { type: 'stream', stream: number, origin: id, journal, series: of };
  };
  const entry: ReplicationMessage & { type: 'entry' } = {
    type: 'entry',
    stream: 0,
    seq: 1,
    distance: 1,
    ageMs: 0,
    bytes: new Uint8Array(),
  };
  const sealed: ReplicationMessage = { type: 'sealed', stream: 0, after: 0, upTo: 1, groups: [] };

  beforeEach(async () => {
    [staff, guest] = [await world.device('staff'), await world.device('guest', 'guest')];
    world.link(...two());
    await world.pass(100);
  });

  it.each<[string, 'house' | 'guest', ReplicationMessage[]]>([
    ['of a stream that it has not named [L18]', 'house', [entry]],
    ['an entry of another writer [L18]', 'house', [stream(idOf('absent')), entry]],
    [
      'a seal of another writer [L18]',
      'house',
      [stream(idOf('absent')), { type: 'seal', stream: 0, after: 0, upTo: 0, groups: [] }],
    ],
    ['as a guest, a signed entry of a stream that nobody knows [L18]', 'guest', [stream(idOf('absent')), sealed]],
    [
      'as a guest, for a stream that nobody knows [L18]',
      'guest',
      [stream(idOf('absent')), { type: 'want', stream: 0, after: 0 }],
    ],
    ['a direct entry of another writer [L22]', 'house', [stream(idOf('absent'), series.direct), sealed]],
    ["the reader's own entries to it [L22]", 'house', [stream(idOf('staff')), sealed]],
    [
      'as a guest, for what others have written [L22]',
      'guest',
      [stream(idOf('guest')), { type: 'want', stream: 0, after: 0 }],
    ],
    [
      'numbers that go down in a seal [L20]',
      'house',
      [
        stream(idOf('colleague')),
        {
          ...{ type: 'seal', stream: 0, after: 0, upTo: 2 },
          groups: [{ seqs: [2, 1], signature: new Uint8Array(64) }],
        },
      ],
    ],
    [
      'as a guest, of who somebody is [L21] [L22]',
      'guest',
      [{ type: 'origin', origin: idOf('absent'), publicKey: new Uint8Array(65).fill(4), credential: 'a.b.c' }],
    ],
    ['a second hello [L10]', 'house', [{ type: 'hello', journals: [] }]],
  ])('%s is not listened to any more', async (_, who, messages) => {
    const [staff, guest] = two();
    const colleague = await world.device('colleague');
    world.link(colleague, staff);
    await world.pass(100);
    const speaker = who === 'house' ? colleague : guest;
    for (const message of messages) world.send(speaker, staff, lanes.entries, message);
    await world.pass(100);
    expect([staff.drops.length, staff.heard, staff.errors]).toEqual([1, [], []]);
  });

  it('as a guest, of streams that nobody knows fills no memory, though it may name whom it has met [L18]', async () => {
    const [staff, guest] = two();
    const known = staff.journals.hello(staff).journals.length;
    world.send(guest, staff, lanes.entries, stream(idOf('absent')));
    world.send(guest, staff, lanes.entries, { type: 'cursor', stream: 0, seq: 5 });
    await world.pass(100);
    expect([staff.drops, staff.journals.hello(staff).journals.length]).toEqual([[], known]);
  });
});
