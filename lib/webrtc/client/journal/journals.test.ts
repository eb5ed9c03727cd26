import { Entitlements } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
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
    expect(bar.drops).toEqual([]);
    expect([till.journals.pending(), bar.heard]).toEqual([[], [1, 2, 3, 4, 5]]);
    expect(deliveries.map(({ status }) => status)).toEqual(['delivered', 'delivered']);
    world.cut(till, bar);
    const late = await world.device('late');
    world.link(bar, late);
    await world.pass(1_000);
    expect(late.heard, 'and all of it is handed on').toEqual([1, 2, 3, 4, 5]);
  });

  describe('what is handed over while there is no room to keep it', () => {
    let room: 'plenty' | 'for marks' | 'none';
    const takenMarks = () => {
      const marks = [...both()[1].disk.marks].filter(([name]) => name.startsWith('taken '));
      return marks.map(([, text]) => text.replace(/@\d+/, ''));
    };
    const taken = () => takenMarks()[0];

    beforeEach(async () => {
      const [till, bar] = both();
      await bar.journals.close();
      room = 'plenty';
      bar.store = () => {
        const store = new MemoryStore(bar.disk);
        const commit = store.commit.bind(store);
        store.commit = async (changes: Changes) => {
          const isSmall = (changes.put ?? []).length === 0 && room === 'for marks';
          if (room !== 'plenty' && !isSmall) throw new StorageFullError();
          await commit(changes);
        };
        return store;
      };
      await bar.start();
      world.link(till, bar);
      till.write(1);
      await world.pass(300);
    });

    it('is not handed over again after a crash; it is kept when it comes again, and handed on [L23]', async () => {
      const [till, bar] = both();
      room = 'for marks';
      const delivery = till.write(2);
      await world.pass(100);
      expect([bar.heard, taken(), delivery.status]).toEqual([[1, 2], '2/1', 'pending']);
      world.cut(till, bar);
      bar.journals.lookAround();
      await world.pass(100);
      expect(taken(), 'noted again, it is no more kept than before').toBe('2/1');
      await bar.crash();
      room = 'plenty';
      world.link(till, bar);
      await world.pass(300);
      expect([bar.heard, delivery.status]).toEqual([[], 'delivered']);
      bar.journals.lookAround();
      await world.pass(100);
      expect(taken(), 'what is kept is noted as kept').toBe('2');
      till.write(3);
      await world.pass(300);
      world.cut(till, bar);
      const late = await world.device('late');
      world.link(bar, late);
      await world.pass(1_000);
      expect([bar.heard, late.heard]).toEqual([[3], [1, 2, 3]]);
    });

    it('is noted as kept as soon as it is, without a crash too', async () => {
      const [till, bar] = both();
      room = 'for marks';
      till.write(2);
      await world.pass(100);
      room = 'plenty';
      bar.journals.lookAround();
      await world.pass(300);
      bar.journals.lookAround();
      await world.pass(100);
      expect([taken(), bar.heard, till.journals.pending()]).toEqual(['2', [1, 2], []]);
    });

    it('comes again after a crash where there was no room for so much as the mark, and is not lost', async () => {
      const [till, bar] = both();
      room = 'none';
      const delivery = till.write(2);
      await world.pass(100);
      expect([bar.heard, taken()]).toEqual([[1, 2], '1']);
      room = 'plenty';
      await bar.crash();
      world.link(till, bar);
      await world.pass(300);
      expect([bar.heard, delivery.status, taken()]).toEqual([[2], 'delivered', '2']);
    });

    it('is handed over after a crash though there was no room for its writer when that was met', async () => {
      const [, bar] = both();
      const phone = await world.device('phone');
      room = 'none';
      world.link(phone, bar);
      await world.pass(100);
      room = 'plenty';
      bar.whenHanded = () => {
        throw new Error('not yet');
      };
      const delivery = phone.write('soup');
      await world.pass(300);
      expect(delivery.status).toBe('delivered');
      bar.whenHanded = () => {};
      await bar.crash();
      expect(bar.heard).toEqual(['soup']);
    });

    it('and what passes is noted as taken, and asked for no more', async () => {
      const [till, bar] = both();
      room = 'for marks';
      till.write(2);
      till.write(3, to(bar), 'ping');
      await world.pass(100);
      expect(takenMarks().sort()).toEqual(['1', '2/1']);
    });
  });

  it('what is handed over while it is being kept is noted as kept by the same commit', async () => {
    const [till, bar] = both();
    const texts: string[] = [];
    await bar.journals.close();
    bar.store = () => {
      const store = new MemoryStore(bar.disk);
      const commit = store.commit.bind(store);
      store.commit = async (changes: Changes) => {
        for (const [name, text] of changes.marks ?? []) if (name.startsWith('taken ')) texts.push(String(text));
        await commit(changes);
      };
      return store;
    };
    await bar.start();
    world.link(till, bar);
    till.write(1);
    await world.pass(300);
    expect(texts.map((text) => text.includes('/'))).toEqual([false]);
  });

  it('what is still being kept when its handler says goodbye is confirmed before the link ends [L23]', async () => {
    const [till, bar] = both();
    world.link(till, bar);
    bar.whenHanded = () => bar.journals.closing(till.peerId);
    const delivery = till.write(1);
    await world.pass(0);
    expect([bar.heard, delivery.status]).toEqual([[1], 'delivered']);
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

  it('a job has not arrived by the word of a printer that has another one [L24]', async () => {
    const [till] = both();
    const [first, second] = [await world.device('first', 'printer'), await world.device('second', 'printer')];
    const print = () => till.write('job', { to: 'first', names: ['printer'] }, 'print');
    world.change = ({ message }) => (message.type === 'cursor' ? null : message);
    const one = print();
    world.link(till, first);
    await world.pass(100);
    world.cut(till, first);
    world.change = ({ message }) => message;
    const other = print();
    world.link(till, second);
    await world.pass(500);
    expect([one.status, other.status, second.heard.length]).toEqual(['pending', 'delivered', 1]);
  });
});

describe('a device whose room is used up', () => {
  const note = 'x'.repeat(1_000);

  it('drops what was delivered, the oldest first, for what is new', async () => {
    const [till, bar] = [await world.device('till', 'pos', { maxBytes: 40_000 }), await world.device('bar')];
    world.link(till, bar);
    for (let count = 0; count < 100; count += 1) {
      till.write(`${count} ${note}`);
      await world.pass(50);
      till.journals.lookAround();
    }
    await world.pass(500);
    expect(bar.heard).toHaveLength(100);
    const late = await world.device('late', 'kitchen-display');
    world.link(till, late);
    await world.pass(1_000);
    expect(late.heard.length).toBeGreaterThan(20);
    expect(late.heard.length).toBeLessThan(40);
    expect(late.heard.at(-1)).toBe(`99 ${note}`);
  });

  it('drops nothing that is undelivered: the next message is refused, and the application is told', async () => {
    const till = await world.device('till', 'pos', { maxBytes: 40_000 });
    const write = () => till.write(note);
    for (let count = 0; count < 36; count += 1) write();
    await world.pass(100);
    expect(() => Array.from({ length: 10 }, write)).toThrow(StorageFullError);
    expect(till.errors.at(-1)).toBeInstanceOf(StorageFullError);
    till.journals.lookAround();
    await world.pass(100);
    const bar = await world.device('bar');
    world.link(till, bar);
    await world.pass(2_000);
    expect(bar.heard.length).toBeGreaterThanOrEqual(36);
    expect(till.journals.pending()).toEqual([]);
    till.journals.lookAround();
    await world.pass(100);
    expect(write).not.toThrow();
  });
});
