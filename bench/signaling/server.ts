import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

export interface SignalingServer {
  /** On 127.0.0.1. */
  port: number;
  close(): Promise<void>;
}

interface Listener extends NodeJS.EventEmitter {
  address(): AddressInfo | string | null;
}

export async function listening(server: Listener): Promise<number> {
  if (!server.address()) await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
