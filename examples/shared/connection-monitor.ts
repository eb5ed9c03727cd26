import { type Clock, setRepeating, systemClock } from '@innmesh/kit';
import {
  type Diagnosis,
  isCredentialRefusal,
  type NetworkTopology,
  type PeerInfo,
  SignalingRefusedError,
  SignalingUnreachableError,
} from '@innmesh/webrtc';
import type { Connection } from './connection.ts';
import { type ConnectionStatus, connectionStatus, type ServerState } from './connection-status.ts';

export interface ConnectionMonitorOptions {
  /** Whom this device works with: for a guest, the kitchen's displays. */
  isRelevant: (peer: PeerInfo) => boolean;
  /** How often the paths are measured. Default: 3000. */
  pollMs?: number;
  clock?: Clock;
}

/** Watches a connection and keeps one `ConnectionStatus` for the badge. */
export class ConnectionMonitor {
  readonly #connection: Connection;
  readonly #isRelevant: (peer: PeerInfo) => boolean;
  readonly #listeners = new Set<() => void>();
  readonly #stopPolling: () => void;
  #server: ServerState = { kind: 'connecting' };
  #status: ConnectionStatus = { kind: 'connecting' };
  #refreshes = 0;

  constructor(connection: Connection, { isRelevant, pollMs = 3000, clock = systemClock }: ConnectionMonitorOptions) {
    this.#connection = connection;
    this.#isRelevant = isRelevant;
    connection.on('peers-discovered', () => this.#serverIs({ kind: 'joined' }));
    connection.on('reconnecting', () => this.#serverIs({ kind: 'lost', reason: 'The server is lost.' }));
    connection.on('error', (error) => {
      if (error instanceof SignalingUnreachableError || error instanceof SignalingRefusedError)
        this.connectFailed(error);
      else console.warn(error);
    });
    for (const event of ['connected', 'disconnected', 'peer-joined', 'peer-left', 'topology-detected'] as const) {
      connection.on(event, () => void this.#refresh());
    }
    this.#stopPolling = setRepeating(clock, () => void this.#refresh(), pollMs);
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  diagnose(): Promise<Diagnosis> {
    return this.#connection.diagnose();
  }

  /** For an attempt to connect that failed before the first success, of which the connection has no event. */
  connectFailed(error: Error): void {
    const refusal = refusalOf(error);
    this.#serverIs(
      refusal === undefined ? { kind: 'lost', reason: error.message } : { kind: 'refused', reason: refusal },
    );
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#stopPolling();
    this.#listeners.clear();
  }

  #serverIs(server: ServerState): void {
    this.#server = server;
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const refresh = ++this.#refreshes;
    const peers = this.#connection.getPeers().filter(this.#isRelevant);
    const linked = peers.filter(({ status }) => status === 'connected');
    const paths = await Promise.all(linked.map(({ peerId }) => this.#connection.getNetworkTopology(peerId)));
    if (refresh !== this.#refreshes) return;
    const known = paths.filter((path): path is NetworkTopology => path !== null);
    this.#status = connectionStatus(this.#server, peers.length, known);
    for (const listener of [...this.#listeners]) listener();
  }
}

/** Why a server that answers does not let this device in; `undefined` where none answers. */
function refusalOf(error: Error): string | undefined {
  if (error instanceof SignalingRefusedError) return error.message;
  if (!(error instanceof SignalingUnreachableError)) return undefined;
  const refused = error.attempts.find(({ closeCode }) => isCredentialRefusal(closeCode));
  // Its first word is the problem's name.
  return refused?.reason.replace(/^[\w-]+: /, 'Its credential was refused: ');
}
