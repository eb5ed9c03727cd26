import { IndexedDbStore } from '../../lib/webrtc/client/journal/store/indexeddb-store.browser.ts';
import type { Segment } from '../../lib/webrtc/client/journal/store/journal-store.ts';

/* What the page of `run.ts` measures. Entries are of 300 B, in commits of so many. */

const ENTRY_BYTES = 300;

let next = 1;

function segmentOf(entries: number): Segment {
  const firstSeq = next;
  next += entries;
  const bytes = crypto.getRandomValues(new Uint8Array(Math.min(65_536, entries * ENTRY_BYTES)));
  return { journal: 'own', firstSeq, lastSeq: next - 1, expiresAtMs: 1_800_000_000_000, bytes };
}

const store = new IndexedDbStore('bench');
await store.open();

export const journalBench = {
  /** One commit after the other, each awaited: how long each takes, in ms. */
  async commits(count: number, entriesEach: number): Promise<number[]> {
    const tookMs: number[] = [];
    for (let index = 0; index < count; index++) {
      const segment = segmentOf(entriesEach);
      const startedAtMs = performance.now();
      await store.commit({ put: [segment], marks: [['cursor', String(segment.lastSeq)]] });
      tookMs.push(performance.now() - startedAtMs);
    }
    return tookMs;
  },

  /** What a page does at its start: opens the database and reads what is kept, without the bytes. */
  async start(): Promise<{ tookMs: number; segments: number }> {
    const startedAtMs = performance.now();
    const again = new IndexedDbStore('bench');
    const { segments } = await again.open();
    return { tookMs: performance.now() - startedAtMs, segments: segments.length };
  },
};

declare global {
  interface Window {
    journalBench?: typeof journalBench;
  }
}
window.journalBench = journalBench;
