import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Program, runProgram } from '../support/program.ts';
import { Screens, type Size, screenshot, showInAllSizes } from '../support/screens.ts';

let program: Program;
let screens: Screens;
let address: string;

beforeAll(async () => {
  program = runProgram('apps/signaling/main.ts', { PORT: '0' });
  address = (await program.printed(/http:\/\/localhost:\d+/))[0];
  screens = await Screens.launch();
});

afterEach(() => screens.clear());

afterAll(async () => {
  await screens.close();
  program.signal('SIGTERM');
  await program.exited;
});

const open = (path: string, size: Size, tenant: string) =>
  screens.open(`${address}${path}?tenant=${tenant}&table=5`, size);

/** The connection badge once the link stands. */
async function localBadge(page: Page): Promise<string> {
  const badge = page.locator('[data-testid=connection][data-state=local-p2p]');
  await badge.waitFor();
  return (await badge.textContent()) ?? '';
}

describe('a guest and a cook, each at their own page', () => {
  it('order, see the ticket, and follow it until it is ready', async () => {
    const kitchen = await open('/kitchen/', 'wall', 'order');
    const guest = await open('/guest/', 'phone', 'order');
    await guest.getByRole('button', { name: 'Add Cheeseburger' }).click();
    await guest.getByRole('button', { name: 'Add French fries' }).click();
    await guest.getByRole('button', { name: /Review order/ }).click();
    await guest.getByRole('button', { name: 'Add a note for Cheeseburger' }).click();
    await guest.getByRole('textbox', { name: 'Note for Cheeseburger' }).fill('No onions');
    await guest.getByRole('checkbox', { name: 'Nuts', exact: true }).check();
    await guest.getByRole('button', { name: 'Place order' }).click();

    const ticket = kitchen.getByTestId('ticket');
    await ticket.waitFor();
    const words = (await ticket.textContent()) ?? '';
    for (const word of ['Table 5', 'Cheeseburger', 'No onions', 'French fries', 'Nuts']) expect(words).toContain(word);
    for (const page of [guest, kitchen])
      expect(await localBadge(page)).toMatch(/Local P2P\s*·\s*[\d.<]+ ms\s*·\s*\$0\.00/);

    const order = guest.getByTestId('order');
    const steps = [
      ['Confirm', 'confirmed'],
      ['Start', 'preparing'],
      ['Ready', 'ready'],
    ] as const;
    for (const [button, status] of steps) {
      // Enabled only a moment after the last tap: the board guards against double taps.
      await kitchen.getByRole('button', { name: button, exact: true }).click();
      await guest.locator(`[data-testid=order][data-status=${status}]`).waitFor();
    }
    expect(await order.getAttribute('data-delivery')).toBe('received');
    await screenshot(guest, 'guest-order-ready');
    await screenshot(kitchen, 'kitchen-order-ready');
  });

  it('get all open tickets back after the kitchen reloads', async () => {
    const kitchen = await open('/kitchen/', 'tablet', 'reload');
    const guest = await open('/guest/', 'tablet', 'reload');
    await guest.getByRole('button', { name: 'Add Cheeseburger' }).click();
    await guest.getByRole('button', { name: 'Place order' }).click();
    await kitchen.getByTestId('ticket').waitFor();
    await kitchen.evaluate(() => localStorage.clear());
    await kitchen.reload();
    await kitchen.getByTestId('ticket').waitFor();
    expect(await kitchen.getByTestId('ticket').count()).toBe(1);
    await screenshot(kitchen, 'kitchen-after-reload');
  });

  it('of another hotel see nothing of it', async () => {
    const stranger = await open('/kitchen/', 'wall', 'elsewhere');
    const kitchen = await open('/kitchen/', 'wall', 'here');
    const guest = await open('/guest/', 'tablet', 'here');
    await guest.getByRole('button', { name: 'Add Cheeseburger' }).click();
    await guest.getByRole('button', { name: 'Place order' }).click();
    await kitchen.getByTestId('ticket').waitFor();
    expect(await stranger.getByTestId('ticket').count()).toBe(0);
  });
});

describe('a till and a printer, each at their own page', () => {
  it('print a receipt, and say when the paper is out', async () => {
    const printer = await open('/printer/', 'tablet', 'receipt');
    const till = await open('/pos/', 'tablet', 'receipt');
    await localBadge(till);
    await till.getByRole('button', { name: /^Breakfast/ }).click();
    await till.getByRole('button', { name: /^Charge/ }).click();
    await till.locator('[data-testid=receipt-job][data-status=printed]').waitFor();
    expect(await printer.getByTestId('paper').textContent()).toContain('Breakfast');
    await screenshot(printer, 'printer-receipt');

    await printer.getByRole('switch', { name: 'Out of paper' }).click();
    await till.getByRole('button', { name: /^Breakfast/ }).click();
    await till.getByRole('button', { name: /^Charge/ }).click();
    const failed = till.locator('[data-testid=receipt-job][data-status=failed]');
    await failed.waitFor();
    expect(await failed.textContent()).toMatch(/paper is out/);
    await screenshot(till, 'till-paper-out');
  });
});

describe('staff at their page', () => {
  it('send a notification, a room and a command, and see them', async () => {
    const maria = await open('/staff/', 'phone', 'staff');
    const desk = await open('/staff/', 'tablet', 'staff');
    await localBadge(desk);
    await desk.getByRole('textbox', { name: 'Message' }).fill('Table 5 asks for the bill');
    await desk.getByRole('button', { name: 'Send', exact: true }).click();
    await maria.locator('[data-testid=log-entry][data-type=notification]').waitFor();
    await desk.getByRole('radio', { name: 'Room', exact: true }).check({ force: true });
    await desk.getByRole('textbox', { name: 'Room' }).fill('205');
    await desk.getByRole('combobox', { name: 'For' }).fill('Maria');
    await desk.getByRole('button', { name: 'Send', exact: true }).click();
    await maria.locator('[data-testid=log-entry][data-type=room-assignment]').waitFor();
    await desk.getByRole('radio', { name: 'Device', exact: true }).check({ force: true });
    await desk.getByRole('textbox', { name: 'Room' }).fill('205');
    await desk.getByRole('button', { name: 'Send', exact: true }).click();
    await maria.locator('[data-testid=log-entry][data-type=iot-command]').waitFor();
    await screenshot(maria, 'staff-received');
    await screenshot(desk, 'staff-sent');
  });
});

describe('every page', () => {
  it('fits each screen without scrolling sideways, and is linked from the landing page', async () => {
    const landing = await open('/', 'phone', 'all');
    const links = await landing
      .getByRole('link')
      .evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).pathname));
    expect(new Set(links)).toEqual(new Set(['/guest/', '/kitchen/', '/pos/', '/printer/', '/staff/']));
    for (const path of ['/', ...new Set(links)]) {
      const page = await open(path, 'phone', 'all');
      await page.getByRole('heading').first().waitFor();
      await showInAllSizes(page, path === '/' ? 'landing' : path.replaceAll('/', ''));
      await page.close();
    }
  });

  it('that does not exist says where the others are', async () => {
    const response = await fetch(`${address}/nowhere`);
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('linked at /');
    expect((await fetch(`${address}/healthz`)).status).toBe(200);
  });
});

/** What the panel has found, once it has. */
async function verdictOf(page: Page): Promise<string | null> {
  const summary = page.locator('[data-testid=why-summary]:not([data-verdict=looking])');
  await summary.waitFor();
  return summary.getAttribute('data-verdict');
}

describe('whoever asks at the badge why', () => {
  it('is told on every page, in each size, that all is well', async () => {
    const pairs = [
      ['guest', 'kitchen'],
      ['kitchen', 'guest'],
      ['pos', 'printer'],
      ['printer', 'pos'],
      ['staff', 'staff'],
    ] as const;
    for (const [path, partner] of pairs) {
      const page = await open(`/${path}/`, 'phone', `why-${path}`);
      const other = await open(`/${partner}/`, 'phone', `why-${path}`);
      await localBadge(page);
      await page.getByRole('button', { name: 'Why?' }).click();
      expect(await verdictOf(page), path).toBe('ok');
      expect(await page.locator('[data-name=signaling]').textContent()).toContain('This device is in the hotel’s room');
      await showInAllSizes(page, `${path}-why`, ['light', 'dark']);
      await Promise.all([page.close(), other.close()]);
    }
  }, 180_000);

  it('is told what to do where the server is away, also by one that the page came from', async () => {
    const server = runProgram('apps/signaling/main.ts', { PORT: '0' });
    const gone = (await server.printed(/http:\/\/localhost:\d+/))[0];
    await server.printed(/Ctrl-C stops it/);
    const lenient = await Screens.launch(() => false);
    const page = await lenient.open(`${gone}/guest/?tenant=why`, 'phone');
    await page.waitForFunction(() => document.documentElement.dataset.diagnosis === 'loaded');
    server.signal('SIGTERM');
    await server.exited;
    await page.locator('[data-testid=connection][data-state=no-server]').waitFor();
    await page.getByRole('button', { name: 'Why?' }).click();
    expect(await verdictOf(page)).toBe('failed');
    const words = await page.locator('[data-name=signaling][data-verdict=failed]').textContent();
    expect(words).toContain('No server answers at ws://localhost:');
    expect(words).toContain('What to do:');
    await showInAllSizes(page, 'guest-why-no-server', ['light', 'dark']);
    await lenient.clear();
    await lenient.close();
  });

  it('can do so by keyboard: the panel has the focus, Escape closes it, and the focus is where it was', async () => {
    const page = await open('/staff/', 'tablet', 'why-keys');
    const why = page.getByRole('button', { name: 'Why?' });
    await why.focus();
    await page.keyboard.press('Enter');
    const panel = page.getByRole('dialog', { name: 'Connection check' });
    await panel.waitFor();
    const hasFocus = () => panel.evaluate((dialog) => dialog.contains(document.activeElement));
    expect(await hasFocus()).toBe(true);
    await verdictOf(page);
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName)).toBe('DIALOG');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    expect(await why.evaluate((button) => button === document.activeElement)).toBe(true);
    await why.click();
    await page.getByRole('button', { name: 'Close' }).click();
    await panel.waitFor({ state: 'detached' });
  });
});

describe('npm start', () => {
  it('shows where to go, as text and as a QR code, and that it is for development', () => {
    expect(program.output()).toContain('On this machine');
    expect(program.output()).toMatch(/█▀|▄▄/);
    expect(program.output()).toContain('DEVELOPMENT MODE');
  });

  it('says clearly that a port is taken, and leaves the running server alone', async () => {
    const second = runProgram('apps/signaling/main.ts', { PORT: new URL(address).port });
    expect(await second.exited).toBe(1);
    expect(second.output()).toMatch(/Port \d+ is taken by another program\. Stop it, or choose another port: PORT=\d+/);
    expect(second.output()).not.toContain('    at ');
    expect((await fetch(`${address}/guest/`)).status).toBe(200);
  });

  it('stops cleanly at Ctrl-C', async () => {
    const another = runProgram('apps/signaling/main.ts', { PORT: '0' });
    await another.printed(/Ctrl-C stops it/);
    another.signal('SIGINT');
    expect(await another.exited).toBe(0);
  });
});
