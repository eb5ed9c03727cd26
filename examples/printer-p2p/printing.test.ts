import { ManualClock, seededRandom } from '@innmesh/kit';
import type { P2PMessage } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { FakeRoom } from '../shared/fake-room.ts';
import { POSApp } from './pos-app.ts';
import type { PrinterOutput, PrintResult } from './printer-output.ts';
import { PrinterWebApp, type PrinterWebAppOptions } from './printer-web-app.ts';

const transaction = {
  transactionId: 'TXN-123',
  items: [
    { name: 'Room 205 (2 nights)', price: 150, quantity: 1 },
    { name: 'Breakfast', price: 25, quantity: 2 },
  ],
  total: 200,
  paymentMethod: 'Visa ****1234',
  guestName: 'John Smith',
};

/** Says what it is told to, when it is told to. */
class HandFedOutput implements PrinterOutput {
  readonly started: string[] = [];
  #finish: ((result: PrintResult) => void)[] = [];

  print({ jobId }: { jobId: string }): Promise<PrintResult> {
    this.started.push(jobId);
    return new Promise((resolve) => this.#finish.push(resolve));
  }

  finish(result: PrintResult): void {
    this.#finish.shift()?.(result);
  }
}

function frontDesk() {
  const room = new FakeRoom();
  const clock = new ManualClock(Date.parse('2026-11-23T12:00:00Z'));
  let seed = 1;
  const shared = () => ({ createConnection: room.createConnection, clock, random: seededRandom(seed++) });
  return {
    room,
    clock,
    till: () => new POSApp('demo-hotel', 'Front Desk POS', shared()),
    printer: (name = 'Front Desk Printer', options: PrinterWebAppOptions = {}) =>
      new PrinterWebApp('demo-hotel', name, 'receipt', { ...shared(), ...options }),
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

async function pass(clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

describe('a receipt', () => {
  it('prints on one printer, and the till learns it', async () => {
    const { clock, till, printer } = frontDesk();
    const [pos, first, second] = [till(), printer('A'), printer('B')];
    for (const app of [first, second, pos]) await app.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 0);
    expect(await outcome).toMatchObject({ status: 'printed', printerPeerId: first.peerId });
    expect(first.jobs).toMatchObject([{ status: 'printed', sender: 'Front Desk POS' }]);
    expect(second.jobs).toEqual([]);
    expect(pos.jobs).toMatchObject([{ status: 'printed' }]);
  });

  it('that a printer cannot print fails with its reason', async () => {
    const { clock, till, printer } = frontDesk();
    const output: PrinterOutput = { print: async () => ({ status: 'failed', reason: 'The paper is out.' }) };
    const [pos, device] = [till(), printer('A', { output })];
    for (const app of [device, pos]) await app.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 0);
    expect(await outcome).toMatchObject({ status: 'failed', reason: 'The paper is out.' });
  });

  it('without a printer fails in time, and does not print when one comes', async () => {
    const { clock, till, printer } = frontDesk();
    const [pos, device] = [till(), printer()];
    await pos.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 5000);
    expect(await outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining('No receipt printer') });
    await device.connect();
    await pass(clock, 60_000);
    expect(device.jobs).toEqual([]);
  });

  it('waits a moment for a printer that is about to come', async () => {
    const { clock, till, printer } = frontDesk();
    const [pos, device] = [till(), printer()];
    await pos.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 2000);
    await device.connect();
    await pass(clock, 0);
    expect(await outcome).toMatchObject({ status: 'printed' });
  });

  it('is not handed to a printer that is announced and not linked', async () => {
    const { room, clock, till, printer } = frontDesk();
    const [pos, device] = [till(), printer()];
    room.of(device).unlinked = true;
    for (const app of [device, pos]) await app.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 5000);
    expect(await outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining('no link') });
    expect(room.of(pos).sent).toEqual([]);
  });

  it('whose printer vanishes after claiming it is unconfirmed, and is not sent again', async () => {
    const { room, clock, till, printer } = frontDesk();
    const output = new HandFedOutput();
    const [pos, first, second] = [till(), printer('A', { output }), printer('B')];
    for (const app of [first, second, pos]) await app.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 0);
    first.disconnect();
    await pass(clock, 5000);
    expect(await outcome).toMatchObject({
      status: 'unconfirmed',
      reason: expect.stringContaining('Look at the printer'),
    });
    await pass(clock, 60_000);
    expect(second.jobs).toEqual([]);
    expect(room.of(pos).sent).toHaveLength(1);
  });

  it('whose printer comes back in time gets its result', async () => {
    const { room, clock, till, printer } = frontDesk();
    const output = new HandFedOutput();
    const [pos, device] = [till(), printer('A', { output })];
    for (const app of [device, pos]) await app.connect();
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 0);
    room.of(device).unlink(room.of(pos));
    await pass(clock, 4000);
    room.of(device).link(room.of(pos));
    await pass(clock, 4000);
    output.finish({ status: 'printed' });
    expect(await outcome).toMatchObject({ status: 'printed' });
  });

  it('that is claimed too late is called back before it prints', async () => {
    const { room, clock, till, printer } = frontDesk();
    const output = new HandFedOutput();
    const [pos, device] = [till(), printer('A', { output })];
    for (const app of [device, pos]) await app.connect();
    const wire = room.of(pos);
    wire.held = true;
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 5000);
    wire.release();
    await pass(clock, 0);
    expect(await outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining('Nothing is printed') });
    expect(output.started).toEqual([]);
  });

  it('whose printer never answers is unconfirmed, and a late word is still shown', async () => {
    const { room, clock, till, printer } = frontDesk();
    const [pos, device] = [till(), printer('A')];
    for (const app of [device, pos]) await app.connect();
    const wire = room.of(device);
    wire.held = true;
    const outcome = pos.processTransaction(transaction);
    await pass(clock, 0);
    await pass(clock, 7000);
    expect(await outcome).toMatchObject({ status: 'unconfirmed' });
    wire.release();
    expect(pos.jobs).toMatchObject([{ status: 'printed' }]);
  });

  it('with a wrong field is refused with its path', async () => {
    const { till } = frontDesk();
    const wrong = till().processTransaction({ ...transaction, total: Number.NaN });
    await expect(wrong).rejects.toMatchObject({ code: 'INVALID_MESSAGE' });
  });
});

describe('a printer', () => {
  const content = { kind: 'text' as const, text: 'Hello' };

  async function withSender(options: PrinterWebAppOptions = {}) {
    const { room, clock, printer } = frontDesk();
    const device = printer('A', options);
    await device.connect();
    const deviceInfo = { type: 'pos' as const, name: 'Till', capabilities: [] };
    const sender = room.createConnection({ tenantId: 'demo-hotel', signalingServers: [], deviceInfo });
    await sender.connect();
    const words: string[] = [];
    sender.on('print', ({ printJob }) => words.push([printJob.status, printJob.reason].filter(Boolean).join(': ')));
    const send = (printJob: object) => sender.send({ type: 'print', printJob } as P2PMessage);
    return { device, clock, words, send };
  }

  it('prints a job that comes twice once, and answers with the first one’s result', async () => {
    const output = new HandFedOutput();
    const { clock, words, send } = await withSender({ output });
    send({ jobId: 'job-1', content });
    await pass(clock, 0);
    send({ jobId: 'job-1', content });
    output.finish({ status: 'printed' });
    await pass(clock, 0);
    send({ jobId: 'job-1', content });
    await pass(clock, 1000);
    expect(output.started).toEqual(['job-1']);
    expect(words).toEqual(['claimed', 'claimed', 'printed', 'printed']);
  });

  it('prints one job after the other', async () => {
    const output = new HandFedOutput();
    const { clock, send } = await withSender({ output });
    send({ jobId: 'job-1', content });
    send({ jobId: 'job-2', content });
    await pass(clock, 0);
    expect(output.started).toEqual(['job-1']);
    output.finish({ status: 'failed', reason: 'The cover is open.' });
    await settled();
    expect(output.started).toEqual(['job-1', 'job-2']);
  });

  it('refuses what it cannot print, in words', async () => {
    const { clock, words, send } = await withSender();
    send({ jobId: 'pdf', content: { kind: 'bytes', language: 'pdf', bytes: Uint8Array.of(1) } });
    send({ jobId: 'label', printerType: 'label', content });
    await pass(clock, 0);
    expect(words).toEqual([
      'failed: This printer understands esc-pos; the job is in pdf.',
      'failed: This is a receipt printer; the job asks for a label printer.',
    ]);
  });

  it('passes on bytes in its own language as they are, for each copy', async () => {
    const { device, clock, send } = await withSender();
    send({ jobId: 'raw', copies: 2, content: { kind: 'bytes', language: 'esc-pos', bytes: Uint8Array.of(1, 2) } });
    await pass(clock, 0);
    expect(device.jobs).toMatchObject([{ status: 'printed', bytes: Uint8Array.of(1, 2, 1, 2) }]);
  });
});
