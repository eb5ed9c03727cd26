import { Entitlements, type ReplicationMessage, series } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { lanes } from '../link/transport.ts';
import { StorageFullError } from './store/errors.ts';
import type { Changes } from './store/journal-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import { type JournalDevice, JournalWorld } from './test-support/journal-world.ts';
import { idOf } from './test-support/streams.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

const to = (...devices: JournalDevice[]) => ({ to: 'devices' as const, names: devices.map(({ peerId }) => peerId) });
const unknown = (name: string) => ({ to: 'devices' as const, names: [idOf(name)] });

describe('between two devices', () => {
  let [till, bar]: JournalDevice[] = [];
  const both = () => [till, bar] as [JournalDevice, JournalDevice];

  beforeEach(async () => {
    [till, bar] = [await world.device('till', 'pos'), await world.device('bar')];
  });

  it('what one writes is handed over at the other, once and in order, and is then delivered [L15] [L23]', async () => {
    const [till, bar] = both();
    world.link(till, bar);
    const deliveries = [1, 2, 3].map((data) => till.write(data));
    await world.pass(200);
    expect(bar.heard).toEqual([1, 2, 3]);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(till.journals.pending()).toEqual([]);
  });

  it('what was written before they met crosses when they do, and only what the other one lacks [L10] [L23]', async () => {
    const [till, bar] = both();
    for (const data of [1, 2]) till.write(data);
    world.link(till, bar);
    await world.pass(200);
    world.cut(till, bar);
    till.write(3);
    world.crossed.length = 0;
    world.link(till, bar);
    await world.pass(200);
    expect(bar.heard).toEqual([1, 2, 3]);
    const sent = [...world.said('entry'), ...world.said('sealed')];
    expect(sent).toHaveLength(1);
  });

  it.each(['ping', 'sync-request', 'iot-command'])(
    'a %s that is sent in the moment in which they meet crosses',
    async (type) => {
      const [till, bar] = both();
      world.link(till, bar);
      till.write(1, to(bar), type);
      await world.pass(100);
      expect(bar.heard).toHaveLength(1);
    },
  );

  it('what was not confirmed is sent again, and handed over once [L15] [L23]', async () => {
    const [till, bar] = both();
    world.link(till, bar);
    world.change = ({ message }) => (message.type === 'cursor' ? null : message);
    const delivery = till.write(1);
    await world.pass(200);
    expect([bar.heard, delivery.status]).toEqual([[1], 'pending']);
    world.cut(till, bar);
    world.change = ({ message }) => message;
    world.link(till, bar);
    await world.pass(200);
    expect([bar.heard, delivery.status]).toEqual([[1], 'delivered']);
  });

  it('nothing is lost or repeated over a restart of either [L23]', async () => {
    const [till, bar] = both();
    world.link(till, bar);
    till.write(1);
    await world.pass(200);
    await till.restart();
    await bar.restart();
    expect(till.journals.pending()).toEqual([]);
    till.write(2);
    await till.restart();
    expect(till.journals.pending()).toHaveLength(1);
    world.link(till, bar);
    till.write(3);
    await world.pass(300);
    expect([bar.heard, till.journals.pending()]).toEqual([[2, 3], []]);
  });

  it('what the application has not taken comes again after a restart, before what comes then', async () => {
    const [till, bar] = both();
    world.link(till, bar);
    bar.whenHanded = () => {
      throw new Error('not yet');
    };
    for (const data of [1, 2]) till.write(data);
    await world.pass(200);
    expect([bar.heard, bar.errors[0]?.message]).toEqual([[], 'not yet']);
    bar.whenHanded = () => {};
    world.cutAll(bar);
    await bar.journals.close();
    await bar.open();
    world.link(till, bar);
    till.write(3);
    await world.pass(200);
    expect(bar.heard, 'the application does not listen yet').toEqual([]);
    await bar.journals.resume();
    expect(bar.heard).toEqual([1, 2, 3]);
  });

  it('a cursor speaks of what is on the disk, and what found no room is asked for again [L23]', async () => {
    const [till, bar] = both();
    await bar.journals.close();
    let isFull = false;
    bar.store = () => {
      const store = new MemoryStore(bar.disk);
      const commit = store.commit.bind(store);
      store.commit = async (changes: Changes) => {
        if (isFull) throw new StorageFullError();
        await commit(changes);
      };
      return store;
    };
    await bar.start();
    world.link(till, bar);
    isFull = true;
    const deliveries = [till.write(1), till.write(2)];
    await world.pass(300);
    expect(deliveries.map(({ status }) => status)).toEqual(['pending', 'pending']);
    expect(bar.errors[0]).toBeInstanceOf(StorageFullError);
    till.write(3);
    bar.journals.lookAround();
    await world.pass(300);
    expect(bar.drops, 'it is full as before').toEqual([]);
    isFull = false;
    till.write(4);
    bar.journals.lookAround();
    till.write(5);
    await world.pass(300);
    expect(bar.drops).toEqual([expect.stringContaining('room again')]);
    world.link(till, bar);
    await world.pass(300);
    expect([till.journals.pending(), bar.heard]).toEqual([[], [1, 2, 3, 4, 5]]);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    world.cut(till, bar);
    const late = await world.device('late');
    world.link(bar, late);
    await world.pass(1_000);
    expect(late.heard, 'and all of it is handed on').toEqual([1, 2, 3, 4, 5]);
  });

  it('a type that the receiver does not know is kept and not delivered, and no error [R4]', async () => {
    const [till] = both();
    const old = await world.device('old', 'hub', { entitlements: new Entitlements({ 'x-note': [] }) });
    world.link(till, old);
    const delivery = till.write(1);
    await world.pass(200);
    expect([old.heard, old.errors, delivery.status]).toEqual([[], [], 'delivered']);
    await old.restart();
    const bar = await world.device('late');
    world.link(old, bar);
    await world.pass(1_000);
    expect(bar.heard).toEqual([1]);
  });

  it('what the writer may not write is confirmed, told of, and not handed on [R4]', async () => {
    const [, bar] = both();
    const anything = [{ writers: ['guest' as const], readers: ['staff' as const] }];
    const guest = await world.device('guest', 'guest', { entitlements: new Entitlements({ 'x-note': anything }) });
    const late = await world.device('late');
    world.link(guest, bar);
    const delivery = guest.write(1);
    await world.pass(200);
    expect([bar.heard, delivery.status]).toEqual([[], 'delivered']);
    expect(bar.errors).toEqual([expect.objectContaining({ code: 'INVALID_PEER_MESSAGE' })]);
    world.link(bar, late);
    await world.pass(1_000);
    expect([late.heard, late.errors]).toEqual([[], []]);
  });

  it('what was sent to a device that turns out to be of a role that may not read it fails [R3]', async () => {
    const [till] = both();
    const delivery = till.write(1, unknown('phone'));
    const several = till.write(2, { to: 'devices', names: [idOf('phone'), idOf('bar')] });
    const phone = await world.device('phone', 'guest');
    world.link(till, phone);
    await world.pass(200);
    await expect(delivery.delivered).rejects.toMatchObject({ code: 'NOT_ENTITLED' });
    expect([phone.heard, several.status, world.said('entry', { to: phone }).length]).toEqual([[], 'pending', 0]);
  });

  it('a device that may not read it does not make it delivered by what it has behind it [L23]', async () => {
    const [till, bar] = both();
    const printer = await world.device('printer', 'printer');
    world.link(till, printer);
    const [note, job] = [till.write('for the house'), till.write('job', to(printer), 'print')];
    await world.pass(200);
    expect([note.status, job.status, printer.heard.length]).toEqual(['pending', 'delivered', 1]);
    world.link(till, bar);
    await world.pass(200);
    expect(note.status).toBe('delivered');
  });

  it('a job for the first printer that comes goes to that one alone, also over a restart [L24]', async () => {
    const [till] = both();
    const [first, second] = [await world.device('first', 'printer'), await world.device('second', 'printer')];
    till.write('job', { to: 'first', names: ['printer'] }, 'print');
    world.change = ({ message }) => (message.type === 'cursor' ? null : message);
    world.link(till, first);
    await world.pass(100);
    await till.restart();
    world.change = ({ message }) => message;
    world.link(till, second);
    await world.pass(500);
    expect([first.heard.length, second.heard.length]).toEqual([1, 0]);
    expect(till.journals.pending(), 'the first has not said that it has it').toHaveLength(1);
    world.link(till, first);
    await world.pass(500);
    expect([first.heard.length, till.journals.pending()]).toEqual([1, []]);
  });
});

describe('by way of another device', () => {
  let [writer, hub, reader]: JournalDevice[] = [];
  const three = () => [writer, hub, reader] as [JournalDevice, JournalDevice, JournalDevice];

  beforeEach(async () => {
    [writer, hub, reader] = [
      await world.device('writer'),
      await world.device('hub', 'hub'),
      await world.device('reader'),
    ];
  });

  it('what a writer that is gone has written comes to those that it never met [L19] [L22]', async () => {
    const [writer, hub, reader] = three();
    world.link(writer, hub);
    for (const data of [1, 2]) writer.write(data);
    writer.write('long', { to: 'all' });
    await world.pass(300);
    world.cut(writer, hub);
    world.link(hub, reader);
    await world.pass(1_000);
    expect(reader.heard).toEqual([1, 2, 'long']);
    expect(world.said('entry', { from: hub }).filter(({ message }) => message.type === 'entry')).toEqual([]);
  });

  it('a writer learns of what has arrived so, by whoever comes back to it [L23]', async () => {
    const [writer, hub, reader] = three();
    world.link(writer, hub);
    const delivery = writer.write(1, to(reader));
    await world.pass(300);
    expect([delivery.status, hub.heard]).toEqual(['pending', []]);
    world.link(hub, reader);
    await world.pass(2_000);
    expect([reader.heard, delivery.status]).toEqual([[1], 'delivered']);
  });

  it('each entry crosses each link once where the writer is linked to both [L22]', async () => {
    const [writer, hub, reader] = three();
    for (const [one, other] of [
      [writer, hub],
      [writer, reader],
      [hub, reader],
    ] as const) {
      world.link(one, other);
    }
    for (let data = 1; data <= 20; data += 1) {
      writer.write(data);
      await world.pass(30);
    }
    expect([hub.heard.length, reader.heard.length]).toEqual([20, 20]);
    expect([world.said('sealed', { from: hub }), world.said('sealed', { from: reader })]).toEqual([[], []]);
  });

  it('a stream goes on by another way when the one it came by ends [L22]', async () => {
    const [writer, hub, reader] = three();
    const other = await world.device('other');
    for (const each of [hub, other]) world.link(writer, each);
    for (const each of [hub, other]) world.link(reader, each);
    writer.write(1);
    await world.pass(1_000);
    const [source] = world.said('want', { from: reader });
    world.cut(reader, source?.to as JournalDevice);
    writer.write(2);
    await world.pass(2_000);
    expect(reader.heard).toEqual([1, 2]);
  });

  const forgeries: [string, (message: ReplicationMessage & { type: 'sealed' }) => void][] = [
    ['that it has changed', ({ groups }) => groups[0]?.entries[0]?.bytes.fill(7, -1)],
    [
      'under another number',
      (message) => {
        const entry = message.groups[0]?.entries[0];
        if (entry) entry.seq += 1;
        message.upTo += 1;
      },
    ],
    ['with another signature', ({ groups }) => groups[0]?.signature.fill(7)],
  ];
  it.each(forgeries)('nothing is taken %s, and the link ends [L19] [L20]', async (_, forge) => {
    const [writer, hub, reader] = three();
    world.link(writer, hub);
    writer.write(1);
    await world.pass(300);
    world.cut(writer, hub);
    world.change = ({ from, message }) => {
      if (from === hub && message.type === 'sealed') forge(message);
      return message;
    };
    world.link(hub, reader);
    await world.pass(1_000);
    expect([reader.heard, reader.drops]).toEqual([[], [expect.stringContaining('has not signed')]]);
    world.change = ({ message }) => message;
    world.link(hub, reader);
    await world.pass(1_000);
    expect(reader.heard).toEqual([1]);
  });

  it('nothing is taken of a writer whose credential is not genuine, or of whom nothing was said [L21]', async () => {
    const [writer, hub, reader] = three();
    world.link(writer, hub);
    writer.write(1);
    await world.pass(300);
    world.cut(writer, hub);
    for (const change of [
      (message: ReplicationMessage) => (message.type === 'origin' ? { ...message, credential: 'forged' } : message),
      (message: ReplicationMessage) => (message.type === 'origin' ? null : message),
    ]) {
      world.change = ({ from, message }) => (from === hub ? change(message) : message);
      world.link(hub, reader);
      await world.pass(1_000);
    }
    expect([reader.heard, reader.drops.length]).toEqual([[], 2]);
  });

  it('a guest gets what is for it, whoever hands it on, and nothing else [L20] [L22]', async () => {
    const anything = [{ writers: ['staff' as const], readers: ['staff' as const, 'hub' as const, 'guest' as const] }];
    const entitlements = new Entitlements({
      'x-menu': [...anything, { writers: ['staff'], readers: ['pos', 'kitchen-display'] }],
    });
    const [cook, hub] = [
      await world.device('cook', 'staff', { entitlements }),
      await world.device('relay', 'hub', { entitlements }),
    ];
    const guest = await world.device('guest', 'guest', { entitlements });
    world.link(cook, hub);
    cook.write('for the house');
    cook.write('menu', { to: 'all' }, 'x-menu');
    cook.write('for the house too');
    await world.pass(300);
    world.cut(cook, hub);
    world.link(hub, guest);
    await world.pass(1_000);
    expect(guest.heard).toEqual(['menu']);
    const sealed = world.said('sealed', { to: guest }).map(({ message }) => JSON.stringify(message));
    expect(sealed.join()).not.toContain('for the house');
  });
});

describe('a device that speaks', () => {
  let [staff, guest]: JournalDevice[] = [];
  const two = () => [staff, guest] as [JournalDevice, JournalDevice];
  const journal = new Uint8Array(8).fill(9);
  const stream = (origin: JournalDevice | string, of: number = series.shared, number = 0): ReplicationMessage => {
    const id = typeof origin === 'string' ? origin : origin.peerId;
    return { type: 'stream', stream: number, origin: id, journal, series: of };
  };
  const entry: ReplicationMessage = { type: 'entry', stream: 0, seq: 1, ageMs: 0, bytes: new Uint8Array() };
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
    ['as a guest, of a stream that nobody knows [L18]', 'guest', [stream(idOf('absent'))]],
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

  it('of more streams than a guest has is not listened to any more, so that it does not fill memory [L18]', async () => {
    const [staff, guest] = two();
    for (let number = 0; number <= 1_000; number += 1) {
      const message = stream(guest, series.shared, number) as ReplicationMessage & { type: 'stream' };
      const name = Uint8Array.from({ length: 8 }, (_, at) => (number >> (at * 8)) % 256);
      world.send(guest, staff, lanes.entries, { ...message, journal: name });
    }
    await world.pass(100);
    expect(staff.drops).toHaveLength(1);
  });
});
