import type { Contestant, Link } from '../../../bench/contestants/link.ts';
import { createPayload, kinds, parsePayload } from '../../../bench/page/payload.ts';
import { MESSAGE_BYTES, type StationSettings } from './program.ts';
import { RecordingProgram } from './recording-program.ts';

/** One of the benchmark's contestants, of two. */
export class ContestantProgram extends RecordingProgram {
  readonly #contestant: Contestant;
  readonly #settings: StationSettings;
  #link: Link | undefined;

  constructor(contestant: Contestant, settings: StationSettings) {
    super(settings.readers);
    this.#contestant = contestant;
    this.#settings = settings;
  }

  async start(): Promise<void> {
    const { role, signalingUrl, room, iceServers } = this.#settings;
    const env = { signalingUrl, room, iceServers };
    if (role === 'waits') await this.#contestant.wait(env, (link) => this.#linked(link));
    else this.#contestant.join(env).then((link) => this.#linked(link), this.#failed);
  }

  #linked(link: Link): void {
    const [peer = ''] = this.#settings.readers;
    this.#link = link;
    this.record.note(`linked to ${peer}`);
    link.onMessage((payload) => {
      const { value } = parsePayload(payload);
      // A library with a handler for all of its links calls each of those that it was given.
      if (this.#link === link) this.record.handed(peer, value, String(value));
    });
  }

  protected send(number: number): void {
    this.record.sent(number, String(number));
    try {
      const sending = this.#link?.send(createPayload(kinds.item, number, MESSAGE_BYTES));
      if (sending) sending.catch(this.#failed);
      else if (!this.#link) this.record.note('error: there is no link to send on');
    } catch (error) {
      this.#failed(error);
    }
  }

  readonly #failed = (error: unknown): void => this.record.note(`error: ${error}`);
}
