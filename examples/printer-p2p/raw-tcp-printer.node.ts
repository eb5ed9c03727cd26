import { connect, type Socket } from 'node:net';
import type { PrinterOutput, PrintResult } from './printer-output.ts';

export interface RawTcpPrinterOptions {
  host: string;
  /** Default: 9100. */
  port?: number;
  /** How long the printer may take to accept the connection, in milliseconds. Default: 3000. */
  connectTimeoutMs?: number;
  /** How long it may take to accept the bytes, in milliseconds: one without paper stops reading. Default: 10000. */
  writeTimeoutMs?: number;
  /** How long it may take to answer a status query, in milliseconds. Default: 2000. */
  statusTimeoutMs?: number;
  /** Whether it answers `DLE EOT n`; Star's printers do not. Without an answer no print is confirmed. Default: true. */
  asksStatus?: boolean;
}

/** The printer's real-time status: `DLE EOT 2` is why it is offline, `DLE EOT 4` the paper sensor. */
const queries = [
  {
    command: Uint8Array.of(0x10, 0x04, 2),
    faults: [
      { bit: 0x04, reason: 'The cover is open.' },
      { bit: 0x20, reason: 'The paper is out.' },
      { bit: 0x40, reason: 'The printer reports an error.' },
    ],
  },
  { command: Uint8Array.of(0x10, 0x04, 4), faults: [{ bit: 0x60, reason: 'The paper is out.' }] },
];

/** Bits that are the same in each answer to `DLE EOT n`: 0xx1xx10. Other bytes are automatic status messages. */
const ANSWER_MASK = 0x93;
const ANSWER_BITS = 0x12;

/** A network printer that takes raw bytes on a TCP port. What was written is not printed until its status says so. */
export function rawTcpPrinter(options: RawTcpPrinterOptions): PrinterOutput {
  const { host, port = 9100, connectTimeoutMs = 3000, writeTimeoutMs = 10_000 } = options;
  const statusTimeoutMs = options.asksStatus === false ? null : (options.statusTimeoutMs ?? 2000);

  async function print({ bytes }: { bytes: Uint8Array }): Promise<PrintResult> {
    let socket: Socket;
    try {
      socket = await open(host, port, connectTimeoutMs);
    } catch (error) {
      return {
        status: 'failed',
        reason: `The printer at ${host}:${port} does not answer: ${(error as Error).message}`,
      };
    }
    try {
      return await printOn(socket, bytes, writeTimeoutMs, statusTimeoutMs);
    } finally {
      close(socket);
    }
  }

  return { print };
}

async function printOn(
  socket: Socket,
  bytes: Uint8Array,
  writeTimeoutMs: number,
  statusTimeoutMs: number | null,
): Promise<PrintResult> {
  try {
    if (statusTimeoutMs !== null) await checkStatus(socket, statusTimeoutMs);
  } catch (error) {
    return { status: 'failed', reason: (error as Error).message };
  }
  try {
    await write(socket, bytes, writeTimeoutMs);
    if (statusTimeoutMs === null) throw new Error('The printer does not report what it has printed.');
    await checkStatus(socket, statusTimeoutMs);
    return { status: 'printed' };
  } catch (error) {
    return { status: 'unconfirmed', reason: (error as Error).message };
  }
}

async function checkStatus(socket: Socket, timeoutMs: number): Promise<void> {
  for (const { command, faults } of queries) {
    socket.write(command);
    const status = await readStatus(socket, timeoutMs);
    const fault = faults.find(({ bit }) => (status & bit) !== 0);
    if (fault) throw new Error(fault.reason);
  }
}

function open(host: string, port: number, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeoutMs} ms`)), timeoutMs);
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(timer));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.on('error', () => {}); // Whoever waits hears of it by `close`.
      resolve(socket);
    });
  });
}

/** After what is still on its way, but not waiting for a printer that has stopped reading. */
function close(socket: Socket): void {
  const timer = setTimeout(() => socket.destroy(), 1000);
  socket.once('close', () => clearTimeout(timer));
  socket.end(() => socket.destroy());
}

function write(socket: Socket, bytes: Uint8Array, timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const reason = `The printer did not take the whole job within ${timeoutMs} ms.`;
    const timer = setTimeout(() => reject(new Error(reason)), timeoutMs);
    socket.write(bytes, (error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** The next byte that answers a status query. */
function readStatus(socket: Socket, timeoutMs: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const reason = `The printer did not report its status within ${timeoutMs} ms.`;
    const timer = setTimeout(() => end(() => reject(new Error(reason))), timeoutMs);
    const onClose = () => end(() => reject(new Error('The printer closed the connection.')));
    const onData = (data: Buffer) => {
      const answer = data.find((byte) => (byte & ANSWER_MASK) === ANSWER_BITS);
      if (answer !== undefined) end(() => resolve(answer));
    };
    function end(settle: () => void): void {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      settle();
    }
    socket.on('data', onData).on('close', onClose);
    if (socket.destroyed) onClose();
  });
}
