import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Host } from '../network/host.ts';
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
  readonly #lines: StationLine[] = [];
  #asked: Promise<unknown> = Promise.resolve();

  private constructor(name: string, host: Host, child: ChildProcess) {
    this.name = name;
    this.host = host;
    this.#child = child;
  }

  /** `home`: where it keeps its key and its journal. */
  static async start(host: Host, home: string, settings: StationSettings): Promise<NodeStation> {
    const program = join(import.meta.dirname, 'node-program.ts');
    const child = host.namespace.fork(program, [JSON.stringify(settings)], { INNMESH_HOME: home });
    await answerOf(child);
    return new NodeStation(settings.name, host, child);
  }

  async write(everyMs: number): Promise<void> {
    await this.#ask({ call: 'write', everyMs });
  }

  async stopWriting(): Promise<void> {
    await this.#ask({ call: 'stopWriting' });
  }

  async lines(): Promise<readonly StationLine[]> {
    this.#lines.push(...((await this.#ask({ call: 'linesFrom', index: this.#lines.length })) as StationLine[]));
    return this.#lines;
  }

  async trace(): Promise<readonly TraceLine[]> {
    return [];
  }

  /** One after the other, so that answers need no name. */
  #ask(request: Request): Promise<unknown> {
    this.#asked = this.#asked.then(() => {
      this.#child.send(request);
      return answerOf(this.#child);
    });
    return this.#asked;
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`A station's process ended by itself with ${code}.`);
  });
  const [answer] = await Promise.race([once(child, 'message'), ended]);
  return answer;
}
