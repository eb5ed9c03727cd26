import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Host } from '../network/host.ts';

/** A server on a host, in a process that says at which port it listens. */
export class ServedProcess {
  readonly host: Host;
  readonly #program: string;
  readonly #args: string[];
  #child: ChildProcess | undefined;
  #port = 0;

  private constructor(host: Host, program: string, args: string[]) {
    this.host = host;
    this.#program = program;
    this.#args = args;
  }

  /** `program`: a file beside this one, which gets an address, a port and the other arguments. */
  static async start(host: Host, program: string, args: string[]): Promise<ServedProcess> {
    const served = new ServedProcess(host, program, args);
    await served.startAgain();
    return served;
  }

  get authority(): string {
    return `${this.host.address}:${this.#port}`;
  }

  /** At the port that it had. */
  async startAgain(): Promise<void> {
    const { namespace, address } = this.host;
    const child = namespace.fork(join(import.meta.dirname, this.#program), [address, `${this.#port}`, ...this.#args]);
    this.#child = child;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${this.#program} ended by itself with ${code}.`);
    });
    const [port] = await Promise.race([once(child, 'message'), ended]);
    this.#port = port as number;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
