import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Host } from '../network/host.ts';
import { FetchedLines } from './fetched-lines.ts';
import type { StationLine, StationSettings } from './program.ts';
import type { Station, TraceLine } from './station.ts';

/** What is asked of `node-program.ts`. */
export type Request =
  | { call: 'write'; everyMs: number }
  | { call: 'stopWriting' }
  | { call: 'linesFrom'; index: number };

/** A program in a Node process on its host. */
export class NodeStation implements Station {
  readonly name: string;
  readonly host: Host;
  readonly #child: ChildProcess;
  readonly #lines = new FetchedLines((index) => this.#ask({ call: 'linesFrom', index }) as Promise<StationLine[]>);
  readonly #printed: TraceLine[] = [];
  #asked: Promise<unknown> = Promise.resolve();
  readonly #ended: Promise<never>;

  private constructor(name: string, host: Host, child: ChildProcess) {
    this.name = name;
    this.host = host;
    this.#child = child;
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface(output).on('line', (what) => this.#printed.push({ atMs: Date.now(), what }));
    }
    this.#ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The station ${name} ended by itself with ${code}.`);
    });
    // Whoever asks it something is told; at the end of all nobody does.
    this.#ended.catch(() => {});
  }

  /** `home`: where it keeps its key and its journal. */
  static async start(host: Host, home: string, settings: StationSettings): Promise<NodeStation> {
    const program = join(import.meta.dirname, 'node-program.ts');
    const child = host.namespace.fork(program, [JSON.stringify(settings)], {
      env: { INNMESH_HOME: home },
      silent: true,
    });
    const station = new NodeStation(settings.name, host, child);
    await station.#answer();
    return station;
  }

  async write(everyMs: number): Promise<void> {
    await this.#ask({ call: 'write', everyMs });
  }

  async stopWriting(): Promise<void> {
    await this.#ask({ call: 'stopWriting' });
  }

  lines(): Promise<readonly StationLine[]> {
    return this.#lines.all();
  }

  async trace(): Promise<readonly TraceLine[]> {
    return this.#printed;
  }

  /** One after the other, so that answers need no name. */
  #ask(request: Request): Promise<unknown> {
    this.#asked = this.#asked.then(() => {
      this.#child.send(request);
      return this.#answer();
    });
    return this.#asked;
  }

  async #answer(): Promise<unknown> {
    const [answer] = await Promise.race([once(this.#child, 'message'), this.#ended]);
    return answer;
  }
}
