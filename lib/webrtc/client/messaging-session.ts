import type { RoomAccount } from './diagnose/room-account.ts';
import type { Delivery, MessageTarget, NetworkTopology, PeerInfo, PendingMessage } from './public-types.ts';

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
  send(message: unknown, target?: MessageTarget): Delivery;
  /** This device's messages that nobody whom they are for has taken yet. */
  pending(): PendingMessage[];
  /** What becomes of a message of this device that another tab sent, by its id; see `Delivery.delivered`. */
  follow(id: string): Promise<void>;
  topology(peerId: string): Promise<NetworkTopology | null>;
  /** What connections find their way with, also what the server lends; `null` where this tab does not know. */
  readonly iceServers: readonly RTCIceServer[] | null;
  /** What is known of the room and the ways to those in it, for a diagnosis; `null` where there is no room. */
  room(): Promise<RoomAccount | null>;
}
