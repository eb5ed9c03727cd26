import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** Where a server listens. */
export interface Address {
  host: string;
  /** 0: any that is free. */
  port: number;
}

export const LOOPBACK: Address = { host: '127.0.0.1', port: 0 };

export interface SignalingServer {
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
