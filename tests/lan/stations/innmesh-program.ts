import { P2PConnection, type P2PConnectionConfig } from '@innmesh/webrtc';
import { MESSAGE_BYTES, type Program, type StationLine, type StationSettings } from './program.ts';
import { StationRecord } from './station-record.ts';
import { Writing } from './writing.ts';

type LanMessage = { type: 'x-lan'; data: { from: string; number: number; padding: string } };

const padding = 'x'.repeat(MESSAGE_BYTES - 50);

/** Innmesh as it is without being told anything but where the server is. */
export class InnmeshProgram implements Program {
  readonly #name: string;
  readonly #record: StationRecord;
  readonly #connection: P2PConnection<LanMessage>;
  readonly #writing = new Writing((number) => this.#send(number));
  /** The peers' names by their ids. */
  readonly #names = new Map<string, string>();

  constructor({ name, signalingUrl, room, readers, iceServers }: StationSettings) {
    this.#name = name;
    this.#record = new StationRecord(readers);
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
    this.#record.note('joined');
  }

  write(everyMs: number): void {
    this.#writing.start(everyMs);
  }

  stopWriting(): void {
    this.#writing.stop();
  }

  linesFrom(index: number): StationLine[] {
    return this.#record.from(index);
  }

  #send(number: number): void {
    const { id } = this.#connection.send({ type: 'x-lan', data: { from: this.#name, number, padding } });
    this.#record.sent(number, id);
  }

  #listen(): void {
    const connection = this.#connection;
    connection.on('message', (message, _from, { id }) => {
      if (message.type === 'x-lan') this.#record.handed(message.data.from, message.data.number, id);
    });
    connection.on('connected', ({ peerId, deviceInfo }) => {
      this.#names.set(peerId, deviceInfo.name);
      this.#record.note(`linked to ${deviceInfo.name}`);
    });
    connection.on('disconnected', (peerId) => this.#record.note(`unlinked from ${this.#names.get(peerId)}`));
    connection.on('reconnecting', () => this.#record.note('lost the server'));
    connection.on('peers-discovered', (peers) => this.#record.note(`in the room with ${peers.length}`));
    connection.on('peer-left', (peerId) => this.#record.note(`${this.#names.get(peerId)} left`));
    connection.on('error', ({ message }) => this.#record.note(`error: ${message}`));
  }
}
