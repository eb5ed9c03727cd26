import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { networkAddress } from '../support/network-address.ts';
import type { RelayedDevice } from './relay-page.ts';

interface RelayPage {
  innmesh: typeof import('./relay-page.ts');
  device: RelayedDevice;
}

let lab: BrowserLab;

beforeAll(async () => {
  lab = await startBrowserLab({ host: '0.0.0.0' }, new URL('relay-page.ts', import.meta.url));
});

afterAll(() => lab.close());

async function join(host: string, name: string): Promise<Page> {
  const page = await lab.openPage({ host });
  await page.evaluate(async (ownName) => {
    const here = window as unknown as RelayPage;
    here.device = await here.innmesh.RelayedDevice.join(`ws://${location.host}`, ownName);
  }, name);
  return page;
}

const isOpen = () => (window as unknown as RelayPage).device.isOpen;
const hasWebCrypto = () => typeof crypto.subtle === 'object';

describe.each([
  ['two secure pages', '127.0.0.1', '127.0.0.1'],
  ['two pages without WebCrypto', networkAddress(), networkAddress()],
  ['a page without WebCrypto and one with it', networkAddress(), '127.0.0.1'],
])('%s', (_, ofOne, ofOther) => {
  it('link through the signaling server, and an order passes a document there [F3] [F6]', async () => {
    const [one, other] = [await join(ofOne, 'one'), await join(ofOther, 'other')];
    expect([await one.evaluate(hasWebCrypto), await other.evaluate(hasWebCrypto)]).toEqual(
      [ofOne, ofOther].map((host) => host === '127.0.0.1'),
    );
    await other.evaluate(() => (window as unknown as RelayPage).device.linkToFirst());
    for (const page of [one, other]) await page.waitForFunction(isOpen);
    await one.evaluate(() => {
      const { device } = window as unknown as RelayPage;
      device.say(1, 1, 600_000);
      device.say(0, 2, 300);
    });
    const hasAll = () => (window as unknown as RelayPage).device.heard.length === 2;
    await other.waitForFunction(hasAll);
    expect(await other.evaluate(() => (window as unknown as RelayPage).device.heard)).toEqual([
      [2, 300],
      [1, 600_000],
    ]);
    await one.evaluate(() => (window as unknown as RelayPage).device.sayBye());
    const hasEnded = () => (window as unknown as RelayPage).device.ends.length === 1;
    for (const page of [one, other]) await page.waitForFunction(hasEnded);
    for (const page of [one, other]) await page.context().close();
  });
});
