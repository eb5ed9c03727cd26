import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { EnrollingHotel } from '../support/enrolling-hotel.ts';
import { Screens, screenshot as screenshotOf, showInAllSizes } from '../support/screens.ts';

let hotel: EnrollingHotel;
let screens: Screens;

beforeAll(async () => {
  hotel = await EnrollingHotel.start();
  // An issuer that refuses is no error of the page's.
  screens = await Screens.launch((text) => !text.startsWith('Failed to load resource'));
});

afterEach(() => screens.clear());

afterAll(async () => {
  await screens.close();
  await hotel.stop();
});

const open: Screens['open'] = (...args) => screens.open(...args);
const screenshot = (page: Page, name: string) => screenshotOf(page, `enrolment-${name}`);
const showAll = (page: Page, name: string) => showInAllSizes(page, `enrolment-${name}`, ['light', 'dark']);

const userCodeOf = async (page: Page) => (await page.getByTestId('user-code').textContent()) ?? '';

describe('the pages of enrolment', () => {
  it('lead from a setup code to a device that is let in and put out, and to a guest at a table', async () => {
    const { setupCode } = hotel;
    const manager = await open(`${hotel.local}/enrolment/`, 'phone');
    await manager.getByText('I have a setup code').click();
    await showAll(manager, 'introduction');
    await manager.getByLabel('Property').fill('demo-hotel');
    await manager.getByLabel('Name of this device').fill('Maria’s phone');
    await manager.getByLabel('Setup code').fill('BBBB-BBBB-BBBB-BBBB');
    await manager.getByRole('button', { name: 'Set up as manager' }).click();
    await manager.getByText('This setup code is not good').waitFor();
    await screenshot(manager, 'wrong-setup-code');
    await manager.getByLabel('Setup code').fill(setupCode.toLowerCase());
    await manager.getByRole('button', { name: 'Set up as manager' }).click();
    await manager.getByTestId('let-in').waitFor();
    await showAll(manager, 'let-in-manager');
    await manager.getByRole('link', { name: 'Devices and tables' }).click();
    await manager.getByText('No device is waiting.').waitFor();
    // As a device that waits shows it, to be typed.
    await manager.goto(`${hotel.local}/enrolment/manage/`);
    await manager.getByText('No device is waiting.').waitFor();

    const about = new URLSearchParams({ tenant: 'demo-hotel', name: 'Kitchen wall', type: 'kitchen-display' });
    const device = await open(`${hotel.network}/enrolment/?${about}&capabilities=orders`, 'wall');
    await device.getByTestId('user-code').waitFor();
    await showAll(device, 'asking');
    const stranger = await open(`${hotel.network}/enrolment/?tenant=demo-hotel&name=Unknown+tablet`, 'tablet');
    await stranger.getByTestId('user-code').waitFor();

    const pending = manager.getByTestId('pending');
    await pending.nth(1).waitFor();
    await manager.getByLabel('The code on the device’s screen').fill('BBBB-BBBB');
    await manager.getByRole('button', { name: 'Find' }).click();
    await manager.getByText('No device shows this code.').waitFor();
    await showAll(manager, 'manage-waiting');
    await pending.filter({ hasText: 'Unknown tablet' }).getByRole('button', { name: 'Turn down' }).click();
    await stranger.getByText('A manager has turned this device down').waitFor();
    await screenshot(stranger, 'turned-down');
    await manager.getByLabel('The code on the device’s screen').fill((await userCodeOf(device)).toLowerCase());
    await manager.getByRole('button', { name: 'Find' }).click();
    await manager.getByTestId('grant').waitFor();
    await showAll(manager, 'manage-approve');
    await manager.getByRole('button', { name: 'Let it in' }).click();
    await manager.getByText('Kitchen wall is let in.').waitFor();
    await device.getByTestId('let-in').waitFor();
    expect(await device.getByTestId('let-in').textContent()).toContain('Kitchen display');
    await screenshot(device, 'let-in-device');
    await device.reload();
    await device.getByTestId('let-in').waitFor();

    const answered = manager.waitForResponse((response) => response.url().endsWith('/key'));
    await manager.getByLabel('Another table or room').fill('5');
    await manager.getByRole('button', { name: 'Add' }).click();
    const { url } = (await (await answered).json()) as { url: string };
    await manager.getByRole('heading', { name: 'Table 5' }).waitFor();
    await showAll(manager, 'table-code');
    await manager.emulateMedia({ media: 'print', colorScheme: 'light' });
    await screenshot(manager, 'table-code-print');
    await manager.emulateMedia({ media: 'screen' });
    await manager.getByRole('button', { name: 'Done' }).click();

    const guest = await open(url, 'phone');
    await guest.getByTestId('waiting').waitFor();
    await showAll(guest, 'guest-waiting');
    for (const name of ['7', 'Terrace 3', 'Room 205']) {
      await manager.getByLabel('Another table or room').fill(name);
      await manager.getByRole('button', { name: 'Add' }).click();
      await manager.getByRole('button', { name: 'Done' }).click();
    }
    const table = manager
      .getByTestId('table')
      .filter({ has: manager.getByRole('heading', { name: '5', exact: true }) });
    await table.getByRole('button', { name: 'Open' }).click();
    await guest.waitForURL(/\/guest\/\?tenant=demo-hotel&table=5#key=/);
    await manager.getByText('1 phone').waitFor();
    await showAll(manager, 'manage-tables');
    await table.getByRole('button', { name: 'Close' }).click();
    await table.getByText('Closed').waitFor();
    await guest.getByTestId('waiting').waitFor();

    await manager.getByRole('button', { name: 'Revoke Kitchen wall' }).click();
    await manager.getByRole('button', { name: 'Put out' }).click();
    await manager.getByText('Put out: 1').waitFor();
    await device.reload();
    await device.getByTestId('user-code').waitFor();
    // As a phone's camera opens it.
    const scanned = new URLSearchParams({ tenant: 'demo-hotel', code: await userCodeOf(device) });
    await manager.goto(`${hotel.local}/enrolment/manage/?scanned#${scanned}`);
    await manager.getByRole('button', { name: 'Let it in' }).click();
    await device.getByTestId('let-in').waitFor();
  });

  it('are shown in no other page', async () => {
    const { headers } = await fetch(`${hotel.local}/enrolment/manage/`);
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('say so where a table’s code is not good, and where a device is no manager’s', async () => {
    const guest = await open(`${hotel.network}/enrolment/table/#tenant=demo-hotel&key=NQ.wrong`, 'phone');
    await guest.getByText('This code does not let this phone in').waitFor();
    await screenshot(guest, 'guest-wrong-code');
    const device = await open(`${hotel.local}/enrolment/manage/?tenant=demo-hotel`, 'tablet', 'dark');
    await device.getByTestId('user-code').waitFor();
    await screenshot(device, 'manage-not-let-in');
  });
});
