import type { JournalStore, Segment, SegmentHead } from '../journal-store.ts';

/** Opens one more store on the same disk; each case has a disk of its own. */
export type OpenStore = () => Promise<JournalStore>;

type Case = (openStore: OpenStore) => Promise<void>;

/**
 * What every store promises. As functions and not as tests, since those of a browser run in a page: each throws where
 * the promise does not hold.
 */
export const storeContract: Record<string, Case> = {
  async 'holds nothing when it is new'(openStore) {
    const store = await openStore();
    equal(await keptBy(store), { segments: [], marks: [] });
    equal(await store.read({ journal: 'a', firstSeq: 1 }), null);
    await store.close();
  },

  async 'holds what was committed when it is opened again, by journal and number'(openStore) {
    const store = await openStore();
    await store.open();
    await store.commit({ put: [segment('b', 1, 4), segment('a', 10, 12), segment('a', 2, 9)], marks: [['x', '1']] });
    await store.commit({ put: [segment('a!', 1, 1)], marks: [['y', 'ü']] });
    await store.close();
    const again = await openStore();
    equal(await keptBy(again), {
      segments: [segment('a', 2, 9), segment('a', 10, 12), segment('a!', 1, 1), segment('b', 1, 4)].map(headOf),
      marks: [
        ['x', '1'],
        ['y', 'ü'],
      ],
    });
    equal(await bytesOf(again, 'a', 10), [...segment('a', 10, 12).bytes]);
    equal(await bytesOf(again, 'a', 11), null);
    await again.close();
  },

  async 'changes a segment or a mark that is there, and forgets one'(openStore) {
    const store = await openStore();
    await store.open();
    await store.commit({
      put: [segment('a', 1, 1), segment('a', 2, 2)],
      marks: [
        ['x', '1'],
        ['y', '1'],
      ],
    });
    await store.commit({
      put: [segment('a', 2, 5)],
      remove: [1, 2].map((firstSeq) => ({ journal: 'a', firstSeq })),
      marks: [
        ['x', '2'],
        ['y', null],
      ],
    });
    equal(await keptBy(store), { segments: [headOf(segment('a', 2, 5))], marks: [['x', '2']] });
    equal(await bytesOf(store, 'a', 2), [...segment('a', 2, 5).bytes]);
    equal(await bytesOf(store, 'a', 1), null);
    await store.close();
  },

  async 'puts a segment in the place of several, of which one has its number'(openStore) {
    const store = await openStore();
    await store.open();
    await store.commit({ put: [1, 2, 3].map((seq) => segment('a', seq, seq)) });
    await store.commit({
      remove: [1, 2, 3].map((firstSeq) => ({ journal: 'a', firstSeq })),
      put: [segment('a', 1, 3)],
    });
    equal((await keptBy(store)).segments, [headOf(segment('a', 1, 3))]);
    await store.close();
  },

  async 'changes nothing where a part of it cannot be kept'(openStore) {
    const store = await openStore();
    await store.open();
    await store.commit({ put: [segment('a', 1, 1)], marks: [['x', '1']] });
    const unkeepable = { ...segment('a', 3, 3), bytes: (() => {}) as never };
    const remove = [{ journal: 'a', firstSeq: 1 }];
    const changes = { remove, put: [segment('a', 2, 2), unkeepable], marks: [['x', '2']] as const };
    equal((await codeOf(store.commit(changes))) === 'kept', false);
    equal(await keptBy(store), { segments: [headOf(segment('a', 1, 1))], marks: [['x', '1']] });
    await store.close();
  },

  async 'takes any text as the name of a journal or mark'(openStore) {
    const store = await openStore();
    await store.open();
    const names = ['', ':', 'owner', ':owner', "'", '\u0000', 'ü🍽️', '__proto__'];
    await store.commit({ put: names.map((name) => segment(name, 1, 1)), marks: names.map((name) => [name, name]) });
    const { segments, marks } = await keptBy(store);
    equal(segments.map(({ journal }) => journal).sort(), [...names].sort());
    equal(marks, names.map((name) => [name, name]).sort());
    await store.close();
  },

  async 'makes the changes of several calls in their order, without waiting between them'(openStore) {
    const store = await openStore();
    await store.open();
    const texts = Array.from({ length: 50 }, (_, index) => String(index));
    await Promise.all(texts.map((text) => store.commit({ marks: [['x', text]] })));
    equal((await keptBy(store)).marks, [['x', '49']]);
    await store.close();
  },

  async 'keeps what is on its way when it is closed'(openStore) {
    const store = await openStore();
    await store.open();
    const committed = store.commit({ put: [segment('a', 1, 1)] });
    await store.close();
    await committed;
    equal((await keptBy(await openStore())).segments, [headOf(segment('a', 1, 1))]);
  },

  async 'keeps its own copy of the bytes, and gives one away'(openStore) {
    const store = await openStore();
    await store.open();
    const given = segment('a', 1, 1);
    await store.commit({ put: [given] });
    given.bytes.fill(0);
    (await store.read({ journal: 'a', firstSeq: 1 }))?.fill(0);
    equal(await bytesOf(store, 'a', 1), [...segment('a', 1, 1).bytes]);
    await store.close();
  },

  async 'keeps part of a larger buffer as just that part'(openStore) {
    const store = await openStore();
    await store.open();
    const bytes = Uint8Array.from({ length: 100 }, (_, index) => index).subarray(40, 44);
    await store.commit({ put: [{ ...segment('a', 1, 1), bytes }] });
    equal(await bytesOf(store, 'a', 1), [40, 41, 42, 43]);
    equal((await keptBy(store)).segments[0]?.sizeBytes, 4);
    await store.close();
  },

  async 'keeps a segment of four megabytes'(openStore) {
    const store = await openStore();
    await store.open();
    const bytes = new Uint8Array(4 * 1024 * 1024).fill(7);
    await store.commit({ put: [{ ...segment('a', 1, 1), bytes }] });
    const kept = await store.read({ journal: 'a', firstSeq: 1 });
    equal([kept?.length, kept?.at(-1)], [bytes.length, 7]);
    await store.close();
  },

  async 'lets nobody change anything who had it before, and tells them'(openStore) {
    const before = await openStore();
    await before.open();
    await before.commit({ put: [segment('a', 1, 1)], marks: [['x', '1']] });
    const now = await openStore();
    await now.open();
    const late = { put: [segment('a', 2, 2)], remove: [{ journal: 'a', firstSeq: 1 }], marks: [['x', '2']] as const };
    equal(await codeOf(before.commit(late)), 'STORAGE_TAKEN_OVER');
    await now.commit({ marks: [['y', '3']] });
    equal(await keptBy(now), {
      segments: [headOf(segment('a', 1, 1))],
      marks: [
        ['x', '1'],
        ['y', '3'],
      ],
    });
    await now.close();
  },

  async 'refuses what comes before it is opened and after it is closed'(openStore) {
    const store = await openStore();
    equal((await codeOf(store.commit({ marks: [['x', '1']] }))) === 'kept', false);
    await store.open();
    await store.close();
    equal((await codeOf(store.commit({ marks: [['x', '1']] }))) === 'kept', false);
    equal((await keptBy(await openStore())).marks, []);
  },
};

function segment(journal: string, firstSeq: number, lastSeq: number): Segment {
  const bytes = new TextEncoder().encode(`${journal} ${firstSeq}–${lastSeq}`);
  return { journal, firstSeq, lastSeq, expiresAtMs: 1_800_000_000_000 + lastSeq, bytes };
}

function headOf({ bytes, ...head }: Segment): SegmentHead {
  return { ...head, sizeBytes: bytes.length };
}

async function keptBy(store: JournalStore) {
  const { segments, marks } = await store.open();
  return { segments, marks: [...marks].sort() };
}

async function bytesOf(store: JournalStore, journal: string, firstSeq: number): Promise<number[] | null> {
  const bytes = await store.read({ journal, firstSeq });
  return bytes && [...bytes];
}

/** What it rejects with, by its code or name. */
async function codeOf(committed: Promise<void>): Promise<string> {
  try {
    await committed;
    return 'kept';
  } catch (error) {
    const { code, name } = error as { code?: unknown; name?: string };
    return typeof code === 'string' ? code : String(name);
  }
}

function equal(found: unknown, expected: unknown): void {
  const [one, other] = [canonical(found), canonical(expected)];
  if (one !== other) throw new Error(`Expected ${other}, found ${one}`);
}

/** JSON with the fields in the order of their names. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    part && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort()) : part,
  );
}
