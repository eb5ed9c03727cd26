import type { Delivery, NetworkTopology, PeerInfo } from './public-types.ts';

/** From `connect()` to `disconnect()`, whether this page holds the links itself or works through another tab's. */
export interface MessagingSession {
  /** How other devices address this one. */
  readonly peerId: string;
  join(): Promise<void>;
  /** Joins again where the signaling server is lost for good. */
  comeBack(): Promise<void>;
  /** Resolves when every peer has been told. */
  leave(): Promise<void>;
  peers(): PeerInfo[];
  /** Whom the application knows to be linked. */
  linkedPeerIds(): string[];
  /** Throws what `P2PConnection.send` throws. */
  send(message: unknown, targetPeerId?: string): Delivery;
  topology(peerId: string): Promise<NetworkTopology | null>;
}
