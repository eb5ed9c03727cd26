import { P2PConnection, type P2PConnectionConfig, type P2PConnectionEvents } from '@innmesh/webrtc';
import { device } from '../../lib/webrtc/client/identity/device.node.ts';
import { MemoryDisk, MemoryStore } from '../../lib/webrtc/client/journal/store/memory-store.ts';

/**
 * A device of the kind that tests need: on the local network, with short intervals, and with messages that last as long as
 * this object, as the keys of one test are those of the next. `platform`: `{}` for this machine's own disk.
 */
export function createDevice(
  signalingUrl: string,
  config: Partial<P2PConnectionConfig> = {},
  platform: ConstructorParameters<typeof P2PConnection>[1] = inMemory(),
): P2PConnection {
  return new P2PConnection(
    {
      signalingServers: [signalingUrl],
      tenantId: 'hotel-abc-123',
      deviceInfo: { type: 'staff', name: 'Front Desk iPad', capabilities: ['orders'] },
      iceServers: [],
      reconnectInterval: 200,
      ...config,
    },
    platform,
  );
}

function inMemory() {
  const disk = new MemoryDisk();
  return { device: { ...device, journalStore: () => new MemoryStore(disk) } };
}

/** The arguments of the next `event` that fits; fails loudly rather than letting the test run into its own timeout. */
export function nextEvent<K extends keyof P2PConnectionEvents>(
  connection: P2PConnection,
  event: K,
  fits: (...args: Parameters<P2PConnectionEvents[K]>) => boolean = () => true,
  timeoutMs = 20_000,
): Promise<Parameters<P2PConnectionEvents[K]>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`No "${event}" within ${timeoutMs} ms.`)), timeoutMs);
    const handler = (...args: Parameters<P2PConnectionEvents[K]>) => {
      if (!fits(...args)) return;
      clearTimeout(timer);
      connection.off(event, handler as P2PConnectionEvents[K]);
      resolve(args);
    };
    connection.on(event, handler as P2PConnectionEvents[K]);
  });
}

/** Resolves once `condition` holds; asks every 10 ms. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadlineMs) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
