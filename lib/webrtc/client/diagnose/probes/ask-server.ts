import type { Clock } from '@innmesh/kit';
import { closeCodes, decodeForDevice, SIGNALING_SUBPROTOCOL } from '@innmesh/protocol';
import type { ServerAnswer } from '../facts.ts';

export interface AskServerDeps {
  clock: Clock;
  openWebSocket(url: string, subprotocol: string): WebSocket;
}

type Outcome = Pick<ServerAnswer, 'outcome' | 'detail'>;

const SERVER_TIMEOUT_MS = 4_000;
/** What an ordinary close, or a connection that broke, says. */
const FIRST_APPLICATION_CLOSE_CODE = 3000;

/** Waits for a server's first word, and leaves without having told it who this device is. */
export async function askServer(url: string, { clock, openWebSocket }: AskServerDeps): Promise<ServerAnswer> {
  const startMs = clock.monotonicMs();
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const cancelTimer = clock.setTimer(() => resolve({ outcome: 'silent', detail: '' }), SERVER_TIMEOUT_MS);
  let socket: WebSocket | null = null;
  try {
    socket = openWebSocket(url, SIGNALING_SUBPROTOCOL);
    listen(socket, resolve);
  } catch (error) {
    resolve({ outcome: 'blocked', detail: String(error) });
  }
  const outcome = await promise;
  cancelTimer();
  if (socket) hangUp(socket);
  return { url, afterMs: Math.round(clock.monotonicMs() - startMs), ...outcome };
}

function listen(socket: WebSocket, resolve: (outcome: Outcome) => void): void {
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => resolve({ outcome: isChallenge(data) ? 'answers' : 'stranger', detail: '' });
  socket.onerror = () => resolve({ outcome: 'unreachable', detail: '' });
  socket.onclose = ({ code, reason }) => resolve({ outcome: outcomeOf(code), detail: reason });
}

function outcomeOf(closeCode: number): Outcome['outcome'] {
  if (closeCode === closeCodes.unsupportedVersion) return 'other-version';
  return closeCode >= FIRST_APPLICATION_CLOSE_CODE ? 'refused' : 'unreachable';
}

function isChallenge(data: unknown): boolean {
  try {
    return data instanceof ArrayBuffer && decodeForDevice(new Uint8Array(data)).type === 'challenge';
  } catch {
    return false;
  }
}

function hangUp(socket: WebSocket): void {
  socket.onmessage = null;
  socket.onclose = null;
  // One that is closed while it connects reports an error that nobody waits for any more.
  socket.onerror = () => {};
  socket.close();
}
