import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rawTcpPrinter } from './raw-tcp-printer.node.ts';

const READY = 0x12;
const PAPER_OUT = 0x12 | 0x60;
const COVER_OPEN = 0x12 | 0x04;

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers `DLE EOT n` with `status(n)`, or not at all for `null`, and keeps what is to be printed. */
async function networkPrinter(status: (n: number, printed: number[]) => number | null) {
  const printed: number[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('data', (data) => {
      for (let at = 0; at < data.length; at++) {
        if (data[at] === 0x10 && data[at + 1] === 0x04) {
          const answer = status(data[at + 2] ?? 0, printed);
          if (answer !== null) socket.write(Uint8Array.of(answer));
          at += 2;
        } else {
          printed.push(data[at] ?? 0);
        }
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { printed, sockets, port: (server.address() as AddressInfo).port };
}

const job = { jobId: 'job-1', bytes: Uint8Array.of(0x48, 0x69, 0x0a), lines: [] };

function printOn(port: number, asksStatus = true) {
  return rawTcpPrinter({ host: '127.0.0.1', port, statusTimeoutMs: 100, asksStatus }).print(job);
}

describe('a network printer', () => {
  it('that reports no fault after the job has printed it', async () => {
    const { port, printed } = await networkPrinter(() => READY);
    expect(await printOn(port)).toEqual({ status: 'printed' });
    expect(printed).toEqual([...job.bytes]);
  });

  it.each([
    ['without paper', 4, PAPER_OUT, 'The paper is out.'],
    ['with an open cover', 2, COVER_OPEN, 'The cover is open.'],
  ])('%s fails before anything is sent', async (_, query, fault, reason) => {
    const { port, printed } = await networkPrinter((n) => (n === query ? fault : READY));
    expect(await printOn(port)).toEqual({ status: 'failed', reason });
    expect(printed).toEqual([]);
  });

  it('whose paper ends during the job has not confirmed it', async () => {
    const { port } = await networkPrinter((n, printed) => (n === 4 && printed.length > 0 ? PAPER_OUT : READY));
    expect(await printOn(port)).toEqual({ status: 'unconfirmed', reason: 'The paper is out.' });
  });

  it('that falls silent after the job has not confirmed it', async () => {
    const { port } = await networkPrinter((_, printed) => (printed.length > 0 ? null : READY));
    expect(await printOn(port)).toMatchObject({ status: 'unconfirmed' });
  });

  it('that hangs up after the job has not confirmed it', async () => {
    const { port, sockets } = await networkPrinter((_, printed) => {
      if (printed.length > 0) sockets[0]?.destroy();
      return printed.length > 0 ? null : READY;
    });
    const reason = expect.stringMatching(/closed the connection|EPIPE|ECONNRESET/);
    expect(await printOn(port)).toEqual({ status: 'unconfirmed', reason });
  });

  it('that cannot say its status gets the job and confirms nothing', async () => {
    const { port, printed } = await networkPrinter(() => null);
    expect(await printOn(port, false)).toMatchObject({ status: 'unconfirmed' });
    await vi.waitFor(() => expect(printed).toEqual([...job.bytes]));
  });

  it('that is switched off fails', async () => {
    const { port } = await networkPrinter(() => READY);
    const server = servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    expect(await printOn(port)).toMatchObject({ status: 'failed', reason: expect.stringContaining('does not answer') });
  });
});
