import { expect, it } from 'vitest';
import { StorageFullError } from './store/errors.ts';
import type { Changes } from './store/journal-store.ts';
import { MemoryStore } from './store/memory-store.ts';
import { JournalWorld } from './test-support/journal-world.ts';

const JOBS = Array.from({ length: 10 }, (_, index) => index + 1);

it('a printer that asks again while its next job is being kept for it gets all of them [L15] [L24]', async () => {
  const world = new JournalWorld();
  const [till, printer] = [await world.device('till', 'pos'), await world.device('printer', 'printer')];
  let isFull = false;
  printer.store = () =>
    new (class extends MemoryStore {
      override commit = (changes: Changes) =>
        isFull && changes.put?.length ? Promise.reject(new StorageFullError()) : super.commit(changes);
    })(printer.disk);
  await printer.restart();
  const jobs = JOBS.map((job) => till.write(job, { to: 'first', names: ['printer'] }, 'print'));
  const sent = () => world.said('entry', { to: printer }).length;
  world.link(till, printer);
  while (sent() < 5) await world.pass(10);
  await printer.journals.settled();
  isFull = true;
  while (sent() < 9) await world.pass(10);
  isFull = false;
  // The till is keeping by now that the tenth is this printer's.
  printer.journals.lookAround();
  await world.pass(1_000);
  expect(printer.heard).toEqual(JOBS);
  expect(jobs.map(({ status }) => status)).toEqual(JOBS.map(() => 'delivered'));
});
