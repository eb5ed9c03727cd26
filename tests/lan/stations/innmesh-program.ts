import { P2PConnection, type P2PConnectionConfig } from '@innmesh/webrtc';
import { MESSAGE_BYTES, type StationSettings } from './program.ts';
import { RecordingProgram } from './recording-program.ts';

type LanMessage = { type: 'x-lan'; data: { from: string; number: number; padding: string } };

const padding = 'x'.repeat(MESSAGE_BYTES - 50);

/** Innmesh as it is without being told anything but where the server is. */
export class InnmeshProgram extends RecordingProgram {
  readonly #name: string;
  readonly #connection: P2PConnection<LanMessage>;
  /** The peers' names by their ids. */
  readonly #names = new Map<string, string>();

  constructor({ name, signalingUrl, room, readers, iceServers }: StationSettings) {
    super(readers);
    this.#name = name;
    const config: P2PConnectionConfig = {
      signalingServers: [signalingUrl],
      tenantId: room,
      debug: true,
      deviceInfo: { type: 'staff', name, capabilities: [] },
      iceServers,
    };
    this.#connection = new P2PConnection<LanMessage>(config);
    this.#listen();
  }

  async start(): Promise<void> {
    await this.#connection.connect();
    this.record.note('joined');
  }

  protected send(number: number): void {
    const { id } = this.#connection.send({ type: 'x-lan', data: { from: this.#name, number, padding } });
    this.record.sent(number, id);
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on('message', (message, _from, { id }) => {
      if (message.type === 'x-lan') this.record.handed(message.data.from, message.data.number, id);
    });
    connection.on('connected', ({ peerId, deviceInfo }) => {
      this.#names.set(peerId, deviceInfo.name);
      this.record.note(`linked to ${deviceInfo.name}`);
    });
    connection.on('disconnected', (peerId) => this.record.note(`unlinked from ${this.#names.get(peerId)}`));
    connection.on('reconnecting', () => this.record.note('lost the server'));
    connection.on('peers-discovered', (peers) => this.record.note(`in the room with ${peers.length}`));
    connection.on('peer-left', (peerId) => this.record.note(`${this.#names.get(peerId)} left`));
    connection.on('error', ({ message }) => this.record.note(`error: ${message}`));
  }
}
