import { seededRandom, systemClock } from '@innmesh/kit';
import { beforeEach, describe, expect, it } from 'vitest';
import { JournalLog } from './journal-log.ts';
import { OwnJournal } from './own-journal.ts';
import type { KeptEntry } from './segment-codec.ts';
import { StorageFullError } from './store/errors.ts';
import type { Changes, JournalStore, SegmentKey } from './store/journal-store.ts';
import { MemoryDisk, MemoryStore } from './store/memory-store.ts';

const NEVER_MS = 9_000_000_000_000;
const entry = (seq: number, expiresAtMs = NEVER_MS): KeptEntry => ({
  seq,
  expiresAtMs,
  bytes: Uint8Array.of(seq % 256, 7),
});
const seqsOf = (entries: KeptEntry[]) => entries.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** Its commits wait until they are let through, and may fail. */
class SlowStore implements JournalStore {
  readonly commits: Changes[] = [];
  full = false;
  /** Being full, it still takes these. */
  takesMarks = false;
  failure: Error | null = null;
  held: PromiseWithResolvers<void> | null = null;
  readonly #store: MemoryStore;

  constructor(disk = new MemoryDisk()) {
    this.#store = new MemoryStore(disk);
  }

  open = () => this.#store.open();
  /** One takes longer than another, as on a disk. */
  async read(key: SegmentKey): Promise<Uint8Array<ArrayBuffer> | null> {
    for (let wait = key.firstSeq % 10; wait > 1; wait--) await Promise.resolve();
    return this.#store.read(key);
  }

  close = () => this.#store.close();

  async commit(changes: Changes): Promise<void> {
    this.commits.push(changes);
    await this.held?.promise;
    if (this.failure) throw this.failure;
    const isSmall = this.takesMarks && (changes.put ?? []).length === 0;
    if (this.full && !isSmall) throw new StorageFullError();
    await this.#store.commit(changes);
  }

  hold(): void {
    this.held = Promise.withResolvers();
  }

  letGo(): void {
    this.held?.resolve();
    this.held = null;
  }
}

/** At once, in a segment of its own. */
async function keep(log: JournalLog, entries: KeptEntry[]): Promise<void> {
  const kept = log.append('a', entries);
  await log.settled();
  await kept;
}

describe('what is added', () => {
  it('in one turn is one commit, with one segment per journal', async () => {
    const store = new SlowStore();
    const log = await JournalLog.open(store, systemClock);
    await Promise.all([
      log.append('a', [entry(1)]),
      log.append('b', [entry(9)]),
      log.append('a', [entry(2), entry(5)]),
    ]);
    expect(
      store.commits.map(({ put }) => put?.map(({ journal, firstSeq, lastSeq }) => [journal, firstSeq, lastSeq])),
    ).toEqual([
      [
        ['a', 1, 5],
        ['b', 9, 9],
      ],
    ]);
    expect(seqsOf(await log.read('a', 0, 1_000))).toEqual([1, 2, 5]);
  });

  it('while a commit runs goes with the next one, and can be read meanwhile', async () => {
    const store = new SlowStore();
    const log = await JournalLog.open(store, systemClock);
    store.hold();
    const stored = [log.append('a', [entry(1)])];
    void log.settled();
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.commits.length).toBe(1);
    for (const seq of [2, 3, 4]) stored.push(log.append('a', [entry(seq)]));
    expect([seqsOf(await log.read('a', 1, 1_000)), log.lastSeq('a')]).toEqual([[2, 3, 4], 4]);
    store.letGo();
    await Promise.all(stored);
    expect(store.commits.length).toBe(2);
    expect(seqsOf(await log.read('a', 0, 1_000))).toEqual([1, 2, 3, 4]);
  });

  it('is there after a restart with the marks that were set along with it', async () => {
    const disk = new MemoryDisk();
    const log = await JournalLog.open(new MemoryStore(disk), systemClock);
    await log.append('a', [entry(3), entry(4)], [['cursor', '4']]);
    await log.close();
    const again = await JournalLog.open(new MemoryStore(disk), systemClock);
    expect([seqsOf(await again.read('a', 0, 1_000)), again.lastSeq('a'), again.mark('cursor')]).toEqual([
      [3, 4],
      4,
      '4',
    ]);
    expect(await again.read('a', 3, 1_000)).toEqual([entry(4)]);
  });

  it('and finds no room is gone, marks and all, with all that came in the same moment; what comes later is kept', async () => {
    const store = new SlowStore();
    const log = await JournalLog.open(store, systemClock);
    await log.append('a', [entry(1)], [['cursor', '1']]);
    store.full = true;
    const refused = [log.append('a', [entry(2)], [['cursor', '2']]), log.append('a', [entry(3)], [['cursor', '3']])];
    for (const each of refused) await expect(each).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    store.full = false;
    expect([seqsOf(await log.read('a', 0, 1_000)), log.mark('cursor')]).toEqual([[1], '1']);
    await log.append('a', [entry(4)]);
    expect(seqsOf(await log.read('a', 0, 1_000))).toEqual([1, 4]);
  });
});

describe('a mark that is so anyway', () => {
  const anyway = [['taken', '2/1']] as const;
  let store: SlowStore;
  let disk: MemoryDisk;
  let log: JournalLog;

  beforeEach(async () => {
    disk = new MemoryDisk();
    store = new SlowStore(disk);
    log = await JournalLog.open(store, systemClock);
    await log.append('a', [entry(1)], [['taken', '1']]);
    [store.full, store.takesMarks] = [true, true];
  });

  /** Both are to be refused. */
  async function refuse(...all: Promise<void>[]): Promise<void> {
    for (const each of all) await expect(each).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    await log.settled();
  }

  it('is kept alone where there is no room for what goes along with it, and for no other mark', async () => {
    await refuse(log.append('a', [entry(2)], [['other', '2']]), log.setMarks([['taken', '2']], anyway));
    expect([[...disk.marks], log.mark('taken')]).toEqual([[['taken', '2/1']], '2/1']);
    expect([seqsOf(await log.read('a', 0, 1_000)), disk.segments.size]).toEqual([[1], 1]);
  });

  it('is kept also where it is to go with the commit behind the one that found no room', async () => {
    store.hold();
    const first = log.append('a', [entry(2)]);
    void log.settled();
    await new Promise((resolve) => setImmediate(resolve));
    const behind = [log.append('a', [entry(3)]), log.setMarks([['taken', '3']], [['taken', '3/1']])];
    store.letGo();
    await refuse(first, ...behind);
    expect([...disk.marks]).toEqual([['taken', '3/1']]);
  });

  it('says what it is to say where there is room', async () => {
    store.full = false;
    await Promise.all([log.append('a', [entry(2)]), log.setMarks([['taken', '2']], anyway)]);
    expect([[...disk.marks], store.commits.length]).toEqual([[['taken', '2']], 2]);
  });

  it('is left where there is no room for so much as that, and what comes later is kept', async () => {
    store.takesMarks = false;
    await refuse(log.append('a', [entry(2)]), log.setMarks([['taken', '2']], anyway));
    expect([[...disk.marks], log.mark('taken')]).toEqual([[['taken', '1']], '1']);
    store.full = false;
    await log.append('a', [entry(2)], [['taken', '2']]);
    expect(log.mark('taken')).toBe('2');
  });

  it('is not tried alone where something else is wrong with the store', async () => {
    store.failure = new Error('broken');
    await expect(log.setMarks([['taken', '2']], anyway)).rejects.toThrow('broken');
    await log.settled();
    expect(store.commits.length).toBe(2);
  });
});

it('what is added goes along with what was added to a journal before, until that is being kept', async () => {
  const store = new SlowStore();
  const log = await JournalLog.open(store, systemClock);
  expect(log.goesAlong('a')).toBe(false);
  store.hold();
  const stored = log.append('a', [entry(1)]);
  expect([log.goesAlong('a'), log.goesAlong('b')]).toEqual([true, false]);
  void log.settled();
  await new Promise((resolve) => setImmediate(resolve));
  expect(log.goesAlong('a')).toBe(false);
  const marked = log.setMarks([['x', '1']]);
  expect(log.goesAlong('a')).toBe(false);
  store.letGo();
  await Promise.all([stored, marked]);
});

describe('reading', () => {
  it('stops at a number of bytes, but gives at least one entry', async () => {
    const log = await JournalLog.open(new MemoryStore(), systemClock);
    await log.append(
      'a',
      upTo(10).map((seq) => entry(seq)),
    );
    expect(seqsOf(await log.read('a', 0, 6))).toEqual([1, 2, 3]);
    expect(seqsOf(await log.read('a', 3, 1))).toEqual([4]);
    expect([await log.read('a', 10, 1), await log.read('b', 0, 1)]).toEqual([[], []]);
  });
});

describe('tidying up', () => {
  it('drops segments of which every entry is past its time, and no other', async () => {
    const log = await JournalLog.open(new MemoryStore(), systemClock);
    await keep(log, [entry(1, 100), entry(2, 300)]);
    await keep(log, [entry(3, 200)]);
    await log.tidy(250);
    expect(seqsOf(await log.read('a', 0, 1_000))).toEqual([1, 2]);
    await log.tidy(300);
    expect([await log.read('a', 0, 1_000), log.lastSeq('a')]).toEqual([[], 0]);
  });

  it('puts many small segments together, in order, and leaves large ones alone', async () => {
    const disk = new MemoryDisk();
    const log = await JournalLog.open(new MemoryStore(disk), systemClock);
    const large = { ...entry(101), bytes: new Uint8Array(20_000) };
    for (const seq of upTo(100)) await keep(log, [entry(seq)]);
    await keep(log, [large]);
    for (const seq of upTo(20)) await keep(log, [entry(101 + seq)]);
    await log.tidy(0);
    expect(disk.segments.size).toBe(22);
    expect(seqsOf(await log.read('a', 0, 1e6))).toEqual(upTo(121));
    const again = await JournalLog.open(new MemoryStore(disk), systemClock);
    expect(seqsOf(await again.read('a', 0, 1e6))).toEqual(upTo(121));
  });

  it('drops what is past its time out of segments that it puts together', async () => {
    const log = await JournalLog.open(new MemoryStore(), systemClock);
    for (const seq of upTo(100)) await keep(log, [entry(seq, seq <= 10 ? 100 : 1_000)]);
    await keep(log, [entry(101, 100), entry(102, 1_000)]);
    await log.tidy(200);
    expect(seqsOf(await log.read('a', 0, 1e6))).toEqual([...upTo(100).slice(10), 102]);
  });

  it('loses nothing where it is asked for again while it is at it', async () => {
    for (const turns of upTo(40)) {
      const disk = new MemoryDisk();
      const log = await JournalLog.open(new SlowStore(disk), systemClock);
      for (const seq of upTo(70)) await keep(log, [entry(seq)]);
      const first = log.tidy(0);
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
      await Promise.all([first, log.tidy(0)]);
      const again = await JournalLog.open(new MemoryStore(disk), systemClock);
      expect(seqsOf(await again.read('a', 0, 1e6))).toEqual(upTo(70));
    }
  });

  it('does not disturb who reads meanwhile', async () => {
    const log = await JournalLog.open(new MemoryStore(), systemClock);
    for (const seq of upTo(200)) await keep(log, [entry(seq)]);
    const [read] = await Promise.all([log.read('a', 0, 1e6), log.tidy(0)]);
    expect(seqsOf(read)).toEqual(upTo(200));
  });
});

describe('a number of the own journal', () => {
  it('is never given twice, though the device crashed after the entry was sent and before it was kept', async () => {
    const disk = new MemoryDisk();
    const store = new SlowStore(disk);
    const own = await OwnJournal.open(await JournalLog.open(store, systemClock), 'own');
    const kept = own.append(Uint8Array.of(1), NEVER_MS);
    await kept.stored;
    store.hold();
    const sent = own.append(Uint8Array.of(2), NEVER_MS);
    const afterCrash = await OwnJournal.open(await JournalLog.open(new MemoryStore(disk), systemClock), 'own');
    expect([kept.seq, sent.seq]).toEqual([1, 2]);
    expect(afterCrash.append(Uint8Array.of(3), NEVER_MS).seq).toBeGreaterThan(sent.seq);
  });

  it('is never given twice, though the store had no room for the entry', async () => {
    const store = new SlowStore();
    const own = await OwnJournal.open(await JournalLog.open(store, systemClock), 'own');
    store.full = true;
    const refused = own.append(Uint8Array.of(1), NEVER_MS);
    await expect(refused.stored).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    store.full = false;
    expect(own.append(Uint8Array.of(2), NEVER_MS).seq).toBeGreaterThan(refused.seq);
  });

  it('is reserved anew though the store had no room when that was asked for first', async () => {
    const store = new SlowStore();
    const log = await JournalLog.open(store, systemClock);
    const own = await OwnJournal.open(log, 'own', 100);
    for (const _ of upTo(45)) await own.append(new Uint8Array(), NEVER_MS).stored;
    store.full = true;
    for (const _ of upTo(10)) await expect(own.append(new Uint8Array(), NEVER_MS).stored).rejects.toThrow();
    store.full = false;
    const { seq, stored } = own.append(new Uint8Array(), NEVER_MS);
    await stored;
    expect(Number(log.mark('reserved own'))).toBe(seq + 100);
  });

  it('is reserved anew before the reserved ones are used up', async () => {
    const log = await JournalLog.open(new MemoryStore(), systemClock);
    const own = await OwnJournal.open(log, 'own', 100);
    for (const _ of upTo(500)) {
      const { seq, stored } = own.append(new Uint8Array(), NEVER_MS);
      await stored;
      expect(Number(log.mark('reserved own'))).toBeGreaterThanOrEqual(seq + 49);
    }
  });
});

/** What the life before still had on its way is refused by the next one. */
function takenOver(error: { code: string }): void {
  if (error.code !== 'STORAGE_TAKEN_OVER') throw error;
}

const SEEDS = Array.from({ length: 50 }, (_, index) => index + 1);

describe('a log that is written, read, tidied and crashes at random', () => {
  it.each(SEEDS)('holds what it said it holds, in order, and marks that fit its entries (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const below = (limit: number) => Math.floor(random.unit() * limit);
    const disk = new MemoryDisk();
    const lastKept = new Map<string, number>();
    for (let life = 0; life < 5; life++) {
      const store = new SlowStore(disk);
      const log = await JournalLog.open(store, systemClock);
      for (const [journal, seq] of lastKept) {
        const entries = seqsOf(await log.read(journal, 0, 1e9));
        expect(entries).toEqual(upTo(entries.length));
        expect(entries.length).toBeGreaterThanOrEqual(seq);
        expect(log.mark(journal)).toBe(String(entries.length));
      }
      for (let step = 0; step < 80; step++) {
        const journal = `journal ${below(3)}`;
        if (below(10) === 0) store.hold();
        if (below(5) === 0) store.letGo();
        if (below(25) === 0) log.tidy(0).catch(takenOver);
        const seq = log.lastSeq(journal) + 1;
        const entries = upTo(1 + below(4)).map((offset) => entry(seq + offset - 1));
        const last = entries.at(-1)?.seq ?? 0;
        log.append(journal, entries, [[journal, String(last)]]).then(() => lastKept.set(journal, last), takenOver);
        if (below(3) === 0) await new Promise((resolve) => setImmediate(resolve));
        if (below(8) === 0 && !store.held) expect(seqsOf(await log.read(journal, 0, 1e9))).toEqual(upTo(last));
      }
      // Ends here, whatever is on its way; what is held never comes to the disk.
      if (below(2) === 0) store.letGo();
      for (let turn = below(4); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve));
    }
  });
});
