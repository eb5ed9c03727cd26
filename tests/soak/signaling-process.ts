import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, runProgram } from '../support/program.ts';
import type { Failed, Subject } from './subject.ts';

/** The signaling server as a process, at the same port whenever it comes back. */
export class SignalingProcess implements Subject {
  readonly name = 'signaling';
  readonly troubles = {
    outage: (forMs: number) => this.#beKilled(forMs),
    stop: (forMs: number) => this.#beStopped(forMs),
  };
  readonly #port: number;
  readonly #failed: Failed;
  #program: Program | undefined;

  private constructor(port: number, failed: Failed) {
    this.#port = port;
    this.#failed = failed;
  }

  static async start(failed: Failed): Promise<SignalingProcess> {
    const signaling = new SignalingProcess(await freePort(), failed);
    await signaling.#start();
    return signaling;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  async close(): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    program?.signal('SIGKILL');
    await program?.exited;
  }

  async #start(): Promise<void> {
    const env = { PORT: String(this.#port), HOST: '127.0.0.1', ALLOWED_ORIGINS: 'any', NODE_ENV: 'development' };
    const program = runProgram('lib/webrtc/signaling-server.ts', env);
    this.#program = program;
    void program.exited.then(() => {
      if (this.#program === program) this.#failed(`The signaling server ended by itself:\n${program.output()}`);
    });
    await program.printed(/Signaling server on/);
  }

  async #beKilled(forMs: number): Promise<void> {
    await this.close();
    await sleep(forMs);
    await this.#start();
  }

  async #beStopped(forMs: number): Promise<void> {
    this.#program?.signal('SIGSTOP');
    await sleep(forMs);
    this.#program?.signal('SIGCONT');
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
