import type { Clock, Random } from '@innmesh/kit';
import type { DeviceInfo } from '@innmesh/protocol';
import { type CredentialSource, P2PConnection, type P2PConnectionConfig } from '@innmesh/webrtc';
import { defaultSignalingServers } from './default-signaling.ts';

/** The part of `P2PConnection` that the apps use; a test puts its own in its place. */
export type Connection = Pick<
  P2PConnection,
  'peerId' | 'connect' | 'disconnect' | 'send' | 'getPeers' | 'getNetworkTopology' | 'diagnose' | 'on' | 'off'
>;

/** What an app takes from its surroundings; a test injects its own. */
export interface AppDeps {
  createConnection: (config: P2PConnectionConfig) => Connection;
  clock: Clock;
  random: Random;
}

export interface AppOptions extends Partial<AppDeps> {
  /** WebSocket URLs of the signaling servers. Default: the page's own origin; outside a page `ws://localhost:8080`. */
  signalingServers?: string[];
  /** Of this device. Default: none, for a server in development mode. */
  credential?: CredentialSource | undefined;
  /** Default: the library's. `[]` keeps to the local network. */
  iceServers?: RTCIceServer[];
}

export function openConnection(tenantId: string, deviceInfo: DeviceInfo, options: AppOptions): Connection {
  const { createConnection = (config) => new P2PConnection(config), credential, iceServers } = options;
  const signalingServers = options.signalingServers ?? defaultSignalingServers();
  return createConnection({
    tenantId,
    deviceInfo,
    signalingServers,
    ...(credential !== undefined && { credential }),
    ...(iceServers && { iceServers }),
  });
}
