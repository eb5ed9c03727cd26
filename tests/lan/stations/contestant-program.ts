import type { Contestant, Link } from '../../../bench/contestants/link.ts';
import { createPayload, kinds, parsePayload } from '../../../bench/page/payload.ts';
import { MESSAGE_BYTES, type Program, type StationLine, type StationSettings } from './program.ts';
import { StationRecord } from './station-record.ts';
import { Writing } from './writing.ts';

/** One of the benchmark's contestants, of two. */
export class ContestantProgram implements Program {
  readonly #contestant: Contestant;
  readonly #settings: StationSettings;
  readonly #record: StationRecord;
  readonly #writing = new Writing((number) => this.#send(number));
  #link: Link | undefined;

  constructor(contestant: Contestant, settings: StationSettings) {
    this.#contestant = contestant;
    this.#settings = settings;
    this.#record = new StationRecord(settings.readers);
  }

  async start(): Promise<void> {
    const { role, signalingUrl, room, iceServers } = this.#settings;
    const env = { signalingUrl, room, iceServers };
    if (role === 'waits') await this.#contestant.wait(env, (link) => this.#linked(link));
    else this.#contestant.join(env).then((link) => this.#linked(link), this.#failed);
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

  #linked(link: Link): void {
    const [peer = ''] = this.#settings.readers;
    this.#link = link;
    this.#record.note(`linked to ${peer}`);
    link.onMessage((payload) => {
      const { value } = parsePayload(payload);
      // A library with a handler for all of its links calls each of those that it was given.
      if (this.#link === link) this.#record.handed(peer, value, String(value));
    });
  }

  #send(number: number): void {
    this.#record.sent(number, String(number));
    try {
      const sending = this.#link?.send(createPayload(kinds.item, number, MESSAGE_BYTES));
      if (sending) sending.catch(this.#failed);
      else if (!this.#link) this.#record.note('error: there is no link to send on');
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #failed = (error: unknown): void => this.#record.note(`error: ${error}`);
}
