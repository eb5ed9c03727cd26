import type {
  CredentialProblem,
  CustomMessage,
  CustomMessageShape,
  DeviceInfo,
  EntitlementRules,
  JsonWebKeySet,
  NotificationMessage,
  OrderMessage,
  PrintMessage,
  ReceivedMessage,
} from '@innmesh/protocol';
import type { DeviceIdentity } from './identity/device-identity.ts';

/** For whom a credential is asked. */
export interface CredentialRequest {
  tenantId: string;
  deviceInfo: DeviceInfo;
  device: DeviceIdentity;
  /** Why a server refused the one before; absent where none did. */
  refused?: CredentialProblem;
}

/** A credential, or what is asked for one each time that one is needed. */
export type CredentialSource = string | ((request: CredentialRequest) => string | Promise<string>);

export interface P2PConnectionConfig {
  /**
   * WebSocket URLs, tried one after the other until one lets the device in: `['ws://signaling.local:8080',
   * 'wss://signaling.example.com']`.
   */
  signalingServers: string[];
  /** The property whose devices this one talks to; nobody of another one is ever seen. */
  tenantId: string;
  deviceInfo: DeviceInfo;
  /**
   * What the property's issuer says of this device (see `docs/guide/enrolment.md`); as a function it is called again
   * for each renewal, at half of the credential's life. Default: none, for a server in development mode.
   */
  credential?: CredentialSource;
  /**
   * The issuer's public keys, by which other devices are checked: a JWK set, or a URL that it is fetched from and kept
   * for when there is no internet. Default: fetched from the issuer of `credential`.
   */
  issuerKeys?: JsonWebKeySet | string;
  /**
   * The name under which this device's key is kept; who has the same name on one machine or origin is the same device,
   * and takes the place of the one before. Default: `device` with a `credential`, so that one machine is one device;
   * otherwise the tenant, type and name, numbered where several are open.
   */
  identity?: string;
  /** Who may write and read what, by message type, in place of the default rules. The same for all of a property. */
  entitlements?: EntitlementRules;
  /** Default: Google's public STUN server. `[]` keeps to the local network. */
  iceServers?: RTCIceServer[];
  /** Tries signaling servers on the local network (`.local`, private addresses) before the others. Default: true. */
  preferLocal?: boolean;
  /** Goes on trying to come back when the signaling server is lost after a first success. Default: true. */
  autoReconnect?: boolean;
  /** The wait between two such tries, in milliseconds, less up to half of it by chance. Default: 5000. */
  reconnectInterval?: number;
  /** How often each link is tried with a ping, in milliseconds; two without an answer end it. Default: 30000. */
  keepaliveInterval?: number;
  /** Writes what happens to the console. Default: false. */
  debug?: boolean;
  /** What bytes over a paid path cost, for `estimatedCost`. Default: `{ relayUsdPerGigabyte: 0.09 }`. */
  prices?: Prices;
}

export interface Prices {
  /** A relay's (TURN's) traffic, in USD for 10⁹ bytes. */
  relayUsdPerGigabyte: number;
}

export interface PeerInfo {
  /** The hash of the device's key: the same after a reload and a restart. */
  peerId: string;
  deviceInfo: DeviceInfo;
  /** `discovered`: in the room and not linked, or not yet; `connected`: linked, messages cross. */
  status: 'discovered' | 'connected';
}

/** Which way the bytes to a peer go. */
export type PathKind = 'host' | 'reflexive' | 'turn' | 'peer-relay' | 'signaling-relay';

export interface NetworkTopology {
  peerId: string;
  /** `local-p2p`: directly from device to device; `cloud-relay`: through a paid relay; `unknown`: not linked. */
  topology: 'local-p2p' | 'cloud-relay' | 'unknown';
  /** The way in detail; `null` while there is no link. */
  path: PathKind | null;
  /** The measured round trip in milliseconds, smoothed; `null` while there is no measurement. */
  latency: number | null;
  /** USD for the bytes that crossed a paid path on this link. 0 on a direct one. */
  estimatedCost: number;
  /** Bytes to the peer and from it on this link, as the browser counts them. */
  bytesSent: number;
  bytesReceived: number;
  /** In words, why the path is not a better one. Empty on the best. */
  reason: string;
}

/** What becomes of a message after `send()`. Both promises may be ignored. */
export interface Delivery {
  /** Unique, and the same at the receiver. */
  readonly id: string;
  readonly status: 'pending' | 'delivered' | 'failed';
  /**
   * Resolves once this device holds the message until it is delivered or expires; for now, in memory. Rejects with
   * `delivered` where that never comes to be.
   */
  readonly stored: Promise<void>;
  /**
   * Resolves when the device it was sent to has it and hands it to its application, also where a handler then throws or
   * the message is refused there as invalid; for a message to all, when the first device has it.
   * Rejects with a `DeliveryError` when that has not happened within the message's time to live.
   */
  readonly delivered: Promise<void>;
}

export interface P2PConnectionEvents<Custom extends CustomMessageShape = CustomMessage> {
  /** A link stands; messages cross. */
  connected: (peer: PeerInfo) => void;
  /** That link is gone. */
  disconnected: (peerId: string) => void;
  /** The signaling server is lost and is being looked for. Links to peers stand on their own. */
  reconnecting: () => void;
  /** Who is in the room; after each joining of it. */
  'peers-discovered': (peers: PeerInfo[]) => void;
  'peer-joined': (peer: PeerInfo) => void;
  'peer-left': (peerId: string) => void;
  /** Every message, of the nine types and of the application's own. */
  message: (message: ReceivedMessage<Custom>, fromPeerId: string) => void;
  order: (order: OrderMessage, fromPeerId: string) => void;
  print: (printJob: PrintMessage, fromPeerId: string) => void;
  notification: (notification: NotificationMessage, fromPeerId: string) => void;
  /** A link's path, when it opens and when it changes. */
  'topology-detected': (topology: NetworkTopology) => void;
  /** What went wrong and could not be thrown at a caller; an `InnmeshError` where Innmesh raised it. */
  error: (error: Error) => void;
}
