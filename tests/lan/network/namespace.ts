import { type ChildProcess, type ForkOptions, fork, type SpawnOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { run } from './command.ts';
import { removeNamespace } from './ownership.ts';

/** A network namespace: a machine with interfaces, routes and a firewall of its own, on the disk of this one. */
export class Namespace {
  readonly name: string;
  /** For files of the lab. */
  readonly #folder: string;

  private constructor(name: string, folder: string) {
    this.name = name;
    this.#folder = folder;
  }

  static async create(name: string, folder: string): Promise<Namespace> {
    await run('ip', 'netns', 'add', name);
    const namespace = new Namespace(name, folder);
    await namespace.ip('link', 'set', 'lo', 'up');
    return namespace;
  }

  /** `ip` with these arguments, within. */
  ip(...args: string[]): Promise<string> {
    return run('ip', '-n', this.name, ...args);
  }

  /** Runs a program within, to its end. */
  run(command: string, ...args: string[]): Promise<string> {
    return run('ip', 'netns', 'exec', this.name, command, ...args);
  }

  spawn(command: string, args: string[], options: SpawnOptions = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, command, ...args], options);
  }

  /** A module in a Node process within, with a channel to this one. */
  fork(module: string, args: string[], { env, ...options }: ForkOptions = {}): ChildProcess {
    return fork(module, args, { ...options, execPath: this.wrap(process.execPath), env: { ...process.env, ...env } });
  }

  /** An executable file that runs another one within, for whoever wants a path. */
  wrap(executable: string): string {
    const path = join(this.#folder, `${this.name}-${basename(executable)}`);
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${this.name} '${executable}' "$@"\n`, { mode: 0o755 });
    return path;
  }

  /** Of all processes in it. */
  async pids(): Promise<number[]> {
    const printed = await run('ip', 'netns', 'pids', this.name);
    return printed.split('\n').filter(Boolean).map(Number);
  }

  /** With all that runs in it. */
  remove(): void {
    removeNamespace(this.name);
  }
}
