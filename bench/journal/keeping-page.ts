import { type Delivery, P2PConnection } from '@innmesh/webrtc';

/* What the pages of `start.ts` do: one leaves messages that nobody takes, the next starts with them. */

const MESSAGE_BYTES = 300;

function createConnection(signalingUrl: string): P2PConnection {
  return new P2PConnection({
    signalingServers: [signalingUrl],
    tenantId: 'hotel-journal',
    deviceInfo: { type: 'staff', name: 'Front Desk', capabilities: [] },
    iceServers: [],
  });
}

export const keepingBench = {
  /** Resolves when this device holds so many messages, in ms from the first `send()`. */
  async leave(signalingUrl: string, count: number): Promise<number> {
    const connection = createConnection(signalingUrl);
    await connection.connect();
    const data = crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES));
    const startedAtMs = performance.now();
    const sent: Delivery[] = Array.from({ length: count }, () => connection.send({ type: 'x-bench', data }));
    await Promise.all(sent.map(({ stored }) => stored));
    return performance.now() - startedAtMs;
  },

  /** From the constructor until `connect()` is done, and what is there then. */
  async start(signalingUrl: string): Promise<{ tookMs: number; pending: number }> {
    const startedAtMs = performance.now();
    const connection = createConnection(signalingUrl);
    await connection.connect();
    return { tookMs: performance.now() - startedAtMs, pending: connection.pending().length };
  },
};

declare global {
  interface Window {
    keepingBench?: typeof keepingBench;
  }
}
window.keepingBench = keepingBench;
