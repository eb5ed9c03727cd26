import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Host } from '../network/host.ts';
import { FetchedLines } from './fetched-lines.ts';
import type { StationLine } from './program.ts';
import type { LinkedStation, TraceLine } from './station.ts';

/** What is asked of `node-program.ts` and `firefox-program.ts`. */
export type Request =
  | { call: 'write'; everyMs: number }
  | { call: 'stopWriting' }
  | { call: 'linesFrom'; index: number }
  | { call: 'trace' }
  | { call: 'path' };

/** What a station's process is. */
export interface StationProcess {
  name: string;
  /** A file beside this one. */
  program: string;
  args: string[];
  env?: Record<string, string>;
}

/** A program in a Node process on its host, or in a browser that such a process has. */
export class ProcessStation implements LinkedStation {
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

  static async start(host: Host, { name, program, args, env }: StationProcess): Promise<ProcessStation> {
    const child = host.namespace.fork(join(import.meta.dirname, program), args, { ...(env && { env }), silent: true });
    const station = new ProcessStation(name, host, child);
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
    const traced = (await this.#ask({ call: 'trace' })) as TraceLine[];
    return [...traced, ...this.#printed];
  }

  async path(): Promise<string | undefined> {
    return ((await this.#ask({ call: 'path' })) as string | null) ?? undefined;
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
