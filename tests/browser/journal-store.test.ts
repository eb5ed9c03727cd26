import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalStore } from '../../lib/webrtc/client/journal/store/journal-store.ts';
import { storeContract } from '../../lib/webrtc/client/journal/store/test-support/store-contract.ts';
import { type BrowserLab, crash, startBrowserLab } from '../support/browser.ts';

interface StorePage {
  innmesh: typeof import('./journal-store-page.ts');
  store: JournalStore;
}

let lab: BrowserLab;
let page: Page;

beforeAll(async () => {
  lab = await startBrowserLab({}, new URL('journal-store-page.ts', import.meta.url));
  page = await lab.openPage();
});

afterAll(() => lab.close());

describe('a store in IndexedDB', () => {
  it.each(Object.keys(storeContract))('%s', async (name) => {
    await page.evaluate(async (promise) => {
      const { storeContract: contract, IndexedDbStore } = (window as unknown as StorePage).innmesh;
      await contract[promise]?.(async () => new IndexedDbStore(promise));
    }, name);
  });

  it('holds what was committed when the page dies in the same moment', async () => {
    const context = await lab.browser.newContext();
    const dying = await lab.openPage({ context });
    await dying.evaluate(async () => {
      const here = window as unknown as StorePage;
      here.store = new here.innmesh.IndexedDbStore('crash');
      await here.store.open();
      const bytes = Uint8Array.of(1, 2, 3);
      await here.store.commit({ put: [{ journal: 'a', firstSeq: 1, lastSeq: 1, expiresAtMs: 1, bytes }] });
    });
    await crash(dying);
    const kept = await (await lab.openPage({ context })).evaluate(async () => {
      const store = new (window as unknown as StorePage).innmesh.IndexedDbStore('crash');
      const { segments } = await store.open();
      return { segments, bytes: [...((await store.read({ journal: 'a', firstSeq: 1 })) ?? [])] };
    });
    expect(kept).toMatchObject({ segments: [{ journal: 'a', firstSeq: 1, sizeBytes: 3 }], bytes: [1, 2, 3] });
    await context.close();
  });

  it('that is full keeps all it had and nothing new, says so, and can be taken over and emptied', async () => {
    const context = await lab.browser.newContext();
    const full = await lab.openPage({ context });
    const devTools = await context.newCDPSession(full);
    const { origin } = new URL(full.url());
    await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1024 * 1024 });
    const refused = await full.evaluate(async () => {
      const here = window as unknown as StorePage;
      here.store = new here.innmesh.IndexedDbStore('full');
      await here.store.open();
      await here.store.commit({ marks: [['x', '1']] });
      const bytes = crypto.getRandomValues(new Uint8Array(65_536));
      const large = (seq: number) => ({ journal: 'a', firstSeq: seq, lastSeq: seq, expiresAtMs: 1, bytes });
      const put = Array.from({ length: 64 }, (_, index) => large(index + 1));
      return here.store.commit({ put, marks: [['x', '2']] }).catch(({ code }) => code);
    });
    // From here on not even the number of the next owner has room.
    await devTools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    const found = await full.evaluate(async () => {
      const { store, innmesh } = window as unknown as StorePage;
      const next = new innmesh.IndexedDbStore('full');
      const { segments, marks } = await next.open();
      const late = await store.commit({ marks: [['x', null]] }).catch(({ code }) => code);
      await next.commit({ marks: [['x', null]] });
      return { segments, marks: [...marks], late, left: (await next.open()).marks.size };
    });
    const lateIsRefused = { late: 'STORAGE_TAKEN_OVER', left: 0 };
    expect(refused).toBe('STORAGE_FULL');
    expect(found).toEqual({ segments: [], marks: [['x', '1']], ...lateIsRefused });
    await context.close();
  });
});
