import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAM = join(import.meta.dirname, '../../lib/webrtc/signaling-server.ts');

const TICKS_PER_S = 100;

/** The signaling server as an operator runs it, and what its process takes. */
export class ServerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once it listens. */
  static async start(environment: Record<string, string>): Promise<ServerProcess> {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve) => {
      child.stdout.on('data', (chunk) => {
        if (String(chunk).includes('Signaling server on')) resolve();
        else if (!String(chunk).startsWith('Stopping.')) process.stderr.write(chunk);
      });
    });
    return new ServerProcess(child);
  }

  get residentMiB(): number {
    return this.#status('VmRSS');
  }

  /** The most that it ever was. */
  get peakMiB(): number {
    return this.#status('VmHWM');
  }

  /** What it has used since its start. */
  get cpuS(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_S;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    await exited;
  }

  #status(field: string): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  }
}
