import { Entitlements, house, type ReplicationMessage } from '@innmesh/protocol';
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest';
import { JournalLog } from './journal-log.ts';
import { Replica } from './replica.ts';
import { type JournalDevice, JournalWorld } from './test-support/journal-world.ts';

let world: JournalWorld;

beforeEach(() => {
  world = new JournalWorld();
});

const to = (...devices: JournalDevice[]) => ({ to: 'devices' as const, names: devices.map(({ peerId }) => peerId) });

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

  it('a guest is told what the house has of its own, and of nobody else [L10]', async () => {
    const entitlements = new Entitlements({ 'x-wish': [{ writers: ['guest'], readers: house }] });
    const [writer] = three();
    const [hub, guest] = [
      await world.device('relay', 'hub', { entitlements }),
      await world.device('guest', 'guest', { entitlements }),
    ];
    for (const each of [writer, guest]) world.link(each, hub);
    writer.write(1);
    guest.write(2, { to: 'all' }, 'x-wish');
    await world.pass(500);
    const origins = ({ peerId, role }: JournalDevice) => {
      return new Set(hub.journals.hello({ peerId, role }).journals.map(({ origin }) => origin));
    };
    expect(origins(guest)).toEqual(new Set([guest.peerId]));
    expect(origins(writer)).toEqual(new Set([guest.peerId, writer.peerId]));
  });

  it('what a hub hands on is read once for all whose turn it is', async () => {
    const entitlements = new Entitlements({ 'x-menu': [{ writers: ['staff'], readers: [...house, 'guest'] }] });
    const [writer] = three();
    const hub = await world.device('relay', 'hub', { entitlements });
    const guests = await Promise.all(
      ['one', 'two', 'six'].map((name) => world.device(name, 'guest', { entitlements })),
    );
    for (const each of [writer, ...guests]) world.link(hub, each);
    const read = vi.spyOn(JournalLog.prototype, 'read');
    writer.write('menu', { to: 'all' }, 'x-menu');
    await world.pass(500);
    const seals = read.mock.calls.filter(([journal]) => journal.startsWith(`seals ${writer.peerId}`));
    read.mockRestore();
    expect([guests.map(({ heard }) => heard), seals.length]).toEqual([[['menu'], ['menu'], ['menu']], 1]);
  });

  describe('a guest that comes back', () => {
    let [cook, hub, guest]: JournalDevice[] = [];
    const three = () => [cook, hub, guest] as [JournalDevice, JournalDevice, JournalDevice];
    const reads = () => sealedRounds.mock.calls.filter(([{ origin }]) => origin === cook?.peerId).length;
    let sealedRounds: MockInstance<Replica['sealedRounds']>;

    beforeEach(async () => {
      const entitlements = new Entitlements({ 'x-menu': [{ writers: ['staff'], readers: [...house, 'guest'] }] });
      [cook, hub] = [
        await world.device('cook', 'staff', { entitlements }),
        await world.device('relay', 'hub', { entitlements }),
      ];
      guest = await world.device('guest', 'guest', { entitlements });
      world.link(cook, hub);
      world.link(hub, guest);
      cook.write('menu', { to: 'all' }, 'x-menu');
      await world.pass(300);
      for (let number = 0; number < 20; number += 1) cook.write(number);
      await world.pass(1_000);
      world.cut(hub, guest);
      sealedRounds = vi.spyOn(Replica.prototype, 'sealedRounds');
    });

    afterEach(() => sealedRounds.mockRestore());

    it('has nothing looked through again that was not for it', async () => {
      const [, hub, guest] = three();
      world.link(hub, guest);
      await world.pass(1_000);
      expect([reads(), guest.heard]).toEqual([0, ['menu']]);
    });

    it('gets what has come meanwhile', async () => {
      const [cook, hub, guest] = three();
      cook.write('dessert', { to: 'all' }, 'x-menu');
      await world.pass(300);
      world.link(hub, guest);
      await world.pass(1_000);
      expect(guest.heard).toEqual(['menu', 'dessert']);
    });

    it('gets what was on its way when its link broke', async () => {
      const [cook, hub, guest] = three();
      world.link(hub, guest);
      world.change = ({ to, message }) => (to === guest && message.type === 'sealed' ? null : message);
      cook.write('dessert', { to: 'all' }, 'x-menu');
      await world.pass(300);
      world.cut(hub, guest);
      world.change = ({ message }) => message;
      world.link(hub, guest);
      await world.pass(1_000);
      expect(guest.heard).toEqual(['menu', 'dessert']);
    });

    it('and has lost its memory is handed everything again', async () => {
      const [, hub, guest] = three();
      guest.disk.segments.clear();
      guest.disk.marks.clear();
      await guest.start();
      world.link(hub, guest);
      await world.pass(1_000);
      expect(guest.heard).toEqual(['menu', 'menu']);
    });

    it('with another table is looked after anew', async () => {
      const [, hub, guest] = three();
      guest.options.table = '12';
      world.link(hub, guest);
      await world.pass(1_000);
      expect(reads()).toBeGreaterThan(0);
    });
  });
});
