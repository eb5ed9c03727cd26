import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, it } from 'vitest';
import { EnrollingHotel } from '../support/enrolling-hotel.ts';
import { Screens, screenshot, showInAllSizes } from '../support/screens.ts';

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

async function openManager(): Promise<Page> {
  const { setupCode } = hotel;
  const manager = await screens.open(`${hotel.local}/enrolment/?tenant=demo-hotel`, 'tablet');
  await manager.getByText('I have a setup code').click();
  await manager.getByLabel('Name of this device').fill('Maria’s phone');
  await manager.getByLabel('Setup code').fill(setupCode);
  await manager.getByRole('button', { name: 'Set up as manager' }).click();
  await manager.getByTestId('let-in').waitFor();
  await manager.getByRole('link', { name: 'Devices and tables' }).click();
  await manager.getByText('No device is waiting.').waitFor();
  return manager;
}

/** By the code on its screen; `role`: what it is let in as, where that is not what it asks for. */
async function letIn(manager: Page, device: Page, role?: string): Promise<void> {
  const code = (await device.getByTestId('user-code').textContent()) ?? '';
  await manager.getByLabel('The code on the device’s screen').fill(code);
  await manager.getByRole('button', { name: 'Find' }).click();
  if (role) await manager.getByTestId('grant').getByRole('combobox').selectOption({ label: role });
  await manager.getByRole('button', { name: 'Let it in' }).click();
}

async function addTable(manager: Page, name: string): Promise<string> {
  const answered = manager.waitForResponse((response) => response.url().endsWith('/key'));
  await manager.getByLabel('Another table or room').fill(name);
  await manager.getByRole('button', { name: 'Add' }).click();
  const { url } = (await (await answered).json()) as { url: string };
  await manager.getByRole('button', { name: 'Done' }).click();
  await manager.getByRole('button', { name: 'Open', exact: true }).click();
  return url;
}

const linked = (page: Page) => page.locator('[data-testid=connection][data-state=local-p2p]').waitFor();

it('a kitchen display asks to be let in, a guest comes by the table’s code, and both are put out again; a till let in as something else is told so', async () => {
  const manager = await openManager();
  // At the address on the network, where keys are made and used in script.
  const kitchen = await screens.open(`${hotel.network}/kitchen/?tenant=demo-hotel&name=Main+Kitchen`, 'wall');
  await kitchen.waitForURL(/\/enrolment\/\?/);
  await letIn(manager, kitchen);
  await kitchen.waitForURL(/\/kitchen\/\?/);
  const till = await screens.open(`${hotel.local}/pos/?tenant=demo-hotel`, 'tablet');
  await till.waitForURL(/\/enrolment\/\?/);
  await letIn(manager, till, 'Staff device');
  await till.waitForURL(/\/pos\/\?/);
  await till.getByText('does not let this device in').waitFor();
  await showInAllSizes(till, 'enrolled-till-refused');

  const guest = await screens.open(await addTable(manager, '5'), 'phone');
  await guest.waitForURL(/\/guest\/\?tenant=demo-hotel&table=5#key=/);
  await linked(guest);
  await guest.getByRole('button', { name: 'Add Cheeseburger' }).click();
  await guest.getByRole('button', { name: /Review order/ }).click();
  await guest.getByRole('button', { name: 'Place order' }).click();
  await kitchen.getByTestId('ticket').waitFor();
  await screenshot(kitchen, 'enrolled-kitchen');
  await kitchen.reload();
  await linked(kitchen);

  await manager.getByRole('button', { name: 'Close', exact: true }).click();
  await guest.getByTestId('waiting').waitFor();
  await manager.getByRole('button', { name: 'Revoke Main Kitchen' }).click();
  await manager.getByRole('button', { name: 'Put out' }).click();
  await kitchen.getByTestId('user-code').waitFor();
});

it('a guest without a code is told where to find one', async () => {
  const guest = await screens.open(`${hotel.network}/guest/?tenant=demo-hotel&table=7`, 'phone');
  await guest.getByText('Scan the code').waitFor();
  await showInAllSizes(guest, 'enrolment-guest-no-code', ['light', 'dark']);
});
