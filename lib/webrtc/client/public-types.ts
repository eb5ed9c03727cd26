import type {
  CredentialProblem,
  CustomMessage,
  CustomMessageShape,
  DeviceInfo,
  DeviceType,
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
   * WebSocket URLs, best first: `['ws://signaling.local:8080', 'wss://signaling.example.com']`. Each is asked 0.3 s after
   * the one before, or as soon as all before have failed, and the first that lets the device in is taken. When a better one
   * appears later, the device moves there. Devices on different servers are in different rooms.
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
  /**
   * Default: Google's public STUN server. `[]` keeps to the local network. Relays that the signaling server lends are
   * used besides.
   */
  iceServers?: RTCIceServer[];
  /** Prefers signaling servers on the local network (`.local`, private addresses) to the others. Default: true. */
  preferLocal?: boolean;
  /** Goes on trying to come back when the signaling server is lost after a first success. Default: true. */
  autoReconnect?: boolean;
  /**
   * Within this time, in milliseconds, the first such try is made, each device at a moment of its own; the others are once or
   * twice as long apart, less up to half by chance, and longer where a server asks for patience. Default: 5000.
   */
  reconnectInterval?: number;
  /** How often each link is tried with a ping, in milliseconds; two without an answer end it. Default: 30000. */
  keepaliveInterval?: number;
  /** Writes what happens to the console. Default: false. */
  debug?: boolean;
  /** How long messages are worth delivering, in milliseconds, by type, in place of the defaults (at most 30 days). */
  timeToLive?: Readonly<Record<string, number>>;
  /** What is kept on this device. Default: `{ maxBytes: 268435456 }`, 256 MiB. */
  storage?: StorageOptions;
  /** What bytes over a relay or the signaling server cost, for `estimatedCost`. Default: `{ relayUsdPerGigabyte: 0.09 }`. */
  prices?: Prices;
}

export interface StorageOptions {
  /** Messages over it are refused where nothing that was delivered can go for them. Browsers may give less. */
  maxBytes: number;
}

export interface Prices {
  /** Traffic of a relay (TURN), and of the signaling server where it carries a link, in USD for 10⁹ bytes. */
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
  /** `local-p2p`: directly from device to device; `cloud-relay`: through a relay (TURN) or the signaling server; `unknown`: not linked. */
  topology: 'local-p2p' | 'cloud-relay' | 'unknown';
  /** The way in detail; `null` while there is no link. */
  path: PathKind | null;
  /** The measured round trip in milliseconds, smoothed; `null` while there is no measurement. */
  latency: number | null;
  /** By how much round trips deviate from `latency`, in milliseconds, smoothed (RFC 6298 §2.3); `null` before there are two. */
  jitter: number | null;
  /**
   * USD for the bytes that crossed a relay (TURN) or the signaling server, to this peer and from it, since this device
   * connected: on this link and on those before it, direct ones in between or not. `prices` of the configuration times the
   * bytes of relayed pairs in the browser's statistics and of sealed frames, which hold neither the headers of packets nor
   * what the relay's other side may be billed for.
   * It never falls. A tab that takes over begins at 0.
   */
  estimatedCost: number;
  /** Bytes to the peer and from it on the present path of this link, as the browser counts them. */
  bytesSent: number;
  bytesReceived: number;
  /** In words, why the path is not a better one. Empty on the best. */
  reason: string;
}

/** What a diagnosis looks at; what each finds, and what to do about it, is in `docs/guide/diagnosis.md`. */
export type CheckName =
  | 'local-network'
  | 'default-route'
  | 'candidates'
  | 'signaling'
  | 'mdns'
  | 'isolation'
  | 'direct-path'
  | 'turn'
  | 'stun';

/** `skipped`: there was nothing to look at, or no way to. */
export type Verdict = 'ok' | 'warning' | 'failed' | 'skipped';

export interface CheckResult {
  name: CheckName;
  /** A heading for people. */
  title: string;
  verdict: Verdict;
  /** What was found, for people. */
  words: string;
  /** What to do about it. */
  advice?: string;
}

/** Why a link does not come up, for people; nothing but JSON. */
export interface Diagnosis {
  /** The worst of the checks’. */
  verdict: Exclude<Verdict, 'skipped'>;
  /** The likeliest cause, in a sentence or two. */
  summary: string;
  /** One of each name; a cause comes before what follows from it. Empty where the code for them could not be loaded. */
  checks: CheckResult[];
}

/** What becomes of a message after `send()`. Both promises may be ignored. */
export interface Delivery {
  /** Unique, and the same at the receiver (`EntryInfo.id`). */
  readonly id: string;
  readonly status: 'pending' | 'delivered' | 'failed';
  /**
   * Resolves when it is on this device's disk: from then on it outlives a reload and a crash. Rejects where it cannot be
   * kept; then nobody may ever have it.
   */
  readonly stored: Promise<void>;
  /**
   * Resolves when the device it was sent to has it for good and hands it to its application; for a message to a role, a
   * capability or to all, when the first of them has. Rejects with a `DeliveryError` when that has not happened within the
   * message's time to live.
   */
  readonly delivered: Promise<void>;
}

/** For whom a message is: one device by its id, or each of a role or with a capability. */
export type MessageTarget = string | { role: DeviceType } | { capability: string };

/** What is known of a message beside what it says. */
export interface EntryInfo {
  /**
   * The same however often the message is handed over, at every device. Whoever has an effect outside of the page or process
   * notes it together with the effect, and does nothing where it is noted: a device that crashes in between is handed the
   * message again.
   */
  readonly id: string;
  /** By its writer's clock, corrected so that an answer is never older than what it answers. */
  readonly writtenAtMs: number;
}

/** A message of this device that nobody whom it is for has taken yet. */
export interface PendingMessage {
  /** Its `Delivery`'s. */
  readonly id: string;
  readonly type: string;
  /** By this device's clock, as is when it is given up. */
  readonly sentAtMs: number;
  readonly expiresAtMs: number;
}

export interface P2PConnectionEvents<Custom extends CustomMessageShape = CustomMessage> {
  /** A link stands; messages cross. */
  connected: (peer: PeerInfo) => void;
  /** That link is gone. */
  disconnected: (peerId: string) => void;
  /**
   * There is no signaling server any more, and one is being looked for. Links to peers stand on their own.
   * `peers-discovered` tells that there is one again.
   */
  reconnecting: () => void;
  /** Who is in the room; after each joining of it, again and on another server too. */
  'peers-discovered': (peers: PeerInfo[]) => void;
  'peer-joined': (peer: PeerInfo) => void;
  'peer-left': (peerId: string) => void;
  /**
   * Every message, of the nine types and of the application's own; each once. A handler that throws, or whose promise
   * rejects, is called again with it after a while, and is not given the writer's next of that type before.
   */
  message: (message: ReceivedMessage<Custom>, fromPeerId: string, info: EntryInfo) => void;
  order: (order: OrderMessage, fromPeerId: string, info: EntryInfo) => void;
  print: (printJob: PrintMessage, fromPeerId: string, info: EntryInfo) => void;
  notification: (notification: NotificationMessage, fromPeerId: string, info: EntryInfo) => void;
  /** How many messages of this device are on their way; see `pending()`. */
  'pending-changed': (count: number) => void;
  /** There is no room to keep messages: free some on this device. What is undelivered is never dropped for it. */
  'storage-full': () => void;
  /** A link's path, when it opens and when it changes. */
  'topology-detected': (topology: NetworkTopology) => void;
  /** What went wrong and could not be thrown at a caller; an `InnmeshError` where Innmesh raised it. */
  error: (error: Error) => void;
}
