import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { appendLine } from './ledger.ts';
import type { Command, SoakSettings } from './soak-device.ts';
import { type Device, type Failed, freeze } from './subject.ts';

export interface NodeDeviceDeps {
  name: string;
  signalingUrl: string;
  seed: number;
  ledger: string;
  /** Where it keeps its key and its journal. */
  home: string;
  failed: Failed;
}

/** A device in a process and a data folder of its own. */
export class NodeDevice implements Device {
  readonly name: string;
  readonly troubles = {
    kill: (forMs: number) => this.#beKilled(forMs),
    stop: (forMs: number) => freeze([this.#process.pid as number], forMs),
    reconnect: (forMs: number) => this.#reconnect(forMs),
  };
  starts = 0;
  readonly #deps: NodeDeviceDeps;
  #child: ChildProcess | undefined;

  constructor(deps: NodeDeviceDeps) {
    this.name = deps.name;
    this.#deps = deps;
  }

  async start(): Promise<void> {
    const { name, signalingUrl, seed, ledger, home, failed } = this.#deps;
    this.starts += 1;
    const settings: SoakSettings = { name, signalingUrl, seed, start: this.starts };
    const env = { ...process.env, INNMESH_HOME: home };
    const child = fork(join(import.meta.dirname, 'node-program.ts'), [JSON.stringify(settings), ledger], { env });
    this.#child = child;
    child.once('exit', (code) => {
      if (this.#child === child) failed(`${name} ended by itself with ${code}`);
    });
    await Promise.race([once(child, 'message'), once(child, 'exit')]);
  }

  async stopWriting(): Promise<void> {
    this.#tell('stopWriting');
  }

  async close(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  get #process(): ChildProcess {
    if (!this.#child) throw new Error(`${this.name} is not running`);
    return this.#child;
  }

  #tell(command: Command): void {
    // One that ended by itself has been told of.
    if (this.#process.connected) this.#process.send(command);
  }

  async #beKilled(forMs: number): Promise<void> {
    const atMs = Date.now();
    await this.close();
    appendLine(this.#deps.ledger, { kind: 'ended', start: this.starts, atMs });
    await sleep(forMs);
    await this.start();
  }

  async #reconnect(forMs: number): Promise<void> {
    this.#tell('disconnect');
    await sleep(forMs);
    this.#tell('connect');
  }
}
