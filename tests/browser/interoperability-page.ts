/* What each device of interoperability.test.ts runs, in a page and in Node. */
import { type NetworkTopology, P2PConnection, type P2PConnectionConfig } from '@innmesh/webrtc';

type Numbered = { type: 'x-number'; data: { number: number; padding: string } };
type Document = { type: 'x-document'; data: Uint8Array };

/** What the application was given. */
export interface Handed {
  from: string;
  id: string;
  number: number;
}

export type MakeConnection = (configuration: RTCConfiguration) => RTCPeerConnection;

const padding = 'x'.repeat(250);

export class InteroperableDevice {
  readonly handed: Handed[] = [];
  /** Of each writer, the sums over what it sent of a megabyte. */
  readonly documents: { from: string; bytes: number; sum: number }[] = [];
  readonly errors: string[] = [];
  pongs = 0;
  /** How often the application was told that a link is gone. */
  unlinked = 0;
  /** The last number that is on the disk. */
  stored = 0;
  #writing: ReturnType<typeof setInterval> | undefined;
  readonly #connection: P2PConnection<Numbered | Document>;
  readonly #made: RTCPeerConnection[] = [];

  constructor(config: P2PConnectionConfig, make: MakeConnection) {
    this.#connection = new P2PConnection(config, {
      createPeerConnection: (configuration) => {
        const connection = make(configuration);
        this.#made.push(connection);
        return connection;
      },
    });
    this.#listen();
  }

  get peerId(): string {
    return this.#connection.peerId;
  }

  connect(): Promise<void> {
    return this.#connection.connect();
  }

  disconnect(): void {
    clearInterval(this.#writing);
    this.#connection.disconnect();
  }

  linkedTo(): string[] {
    const linked = this.#connection.getPeers().filter(({ status }) => status === 'connected');
    return linked.map(({ peerId }) => peerId);
  }

  topology(peerId: string): Promise<NetworkTopology | null> {
    return this.#connection.getNetworkTopology(peerId);
  }

  pending(): number {
    return this.#connection.pending().length;
  }

  /** All in one go, of 300 B each; to all, or to one. Resolves when they are on the disk. */
  async write(first: number, last: number, to?: string): Promise<void> {
    const deliveries = [];
    for (let number = first; number <= last; number++) deliveries.push(this.#send(number, to));
    await Promise.all(deliveries.map(({ stored }) => stored));
    this.stored = last;
  }

  /** To all, one by one; nobody waits for it. */
  writeOnAndOn(last: number, everyMs: number): void {
    let number = 0;
    this.#writing = setInterval(() => {
      number += 1;
      const ownNumber = number;
      this.#send(number).stored.then(() => {
        this.stored = ownNumber;
      });
      if (number === last) clearInterval(this.#writing);
    }, everyMs);
  }

  async writeDocument(bytes: number, to: string): Promise<void> {
    await this.#connection.send({ type: 'x-document', data: documentOf(bytes) }, to).delivered;
  }

  ping(to: string): void {
    this.#connection.send({ type: 'ping', timestamp: 1 }, to);
  }

  /** Closes what carries its first link, behind the library's back; tells whether there was one. */
  breakLink(): boolean {
    const carrier = this.#made.find(({ connectionState }) => connectionState === 'connected');
    carrier?.close();
    return carrier !== undefined;
  }

  /** How it speaks to the relay that carries its link: `udp`, `tcp` or `tls`; nothing where none does. */
  async relayProtocol(): Promise<string | undefined> {
    const carrier = this.#made.findLast(({ connectionState }) => connectionState === 'connected');
    const stats = new Map<string, Record<string, string>>((await carrier?.getStats()) as never);
    const all = [...stats.values()];
    const selected = stats.get(all.find(({ type }) => type === 'transport')?.selectedCandidatePairId ?? '');
    return stats.get((selected ?? all.find((each) => each.selected))?.localCandidateId ?? '')?.relayProtocol;
  }

  #send(number: number, to?: string) {
    return this.#connection.send({ type: 'x-number', data: { number, padding } }, to);
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on('message', (message, from, { id }) => {
      if (message.type === 'x-number') this.handed.push({ from, id, number: message.data.number });
      else if (message.type === 'x-document') this.documents.push({ from, ...summaryOf(message.data) });
      else if (message.type === 'pong') this.pongs += 1;
    });
    connection.on('disconnected', () => {
      this.unlinked += 1;
    });
    connection.on('error', ({ message }) => this.errors.push(message));
  }
}

const documentOf = (bytes: number) => new Uint8Array(bytes).map((_, index) => (index * 31) % 251);

function summaryOf(data: Uint8Array): { bytes: number; sum: number } {
  return { bytes: data.length, sum: data.reduce((sum, byte, index) => (sum + byte * (index % 97)) % 1_000_003, 0) };
}

export const summaryOfDocument = (bytes: number) => summaryOf(documentOf(bytes));
