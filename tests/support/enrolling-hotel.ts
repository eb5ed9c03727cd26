import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, runProgram } from './program.ts';

/** `npm start` with an issuer over a data directory of its own. */
export class EnrollingHotel {
  /** By this machine's own name, where pages have WebCrypto. */
  readonly local: string;
  /** By its address on the network, where they have not. */
  readonly network: string;
  readonly setupCode: string;
  readonly #program: Program;
  readonly #dataDir: string;

  private constructor(program: Program, dataDir: string, network: string) {
    this.#program = program;
    this.#dataDir = dataDir;
    this.network = network;
    this.local = program.output().match(/http:\/\/localhost:\d+/)?.[0] ?? '';
    this.setupCode = program.output().match(/SETUP CODE +(\S+)/)?.[1] ?? '';
  }

  static async start(): Promise<EnrollingHotel> {
    const dataDir = mkdtempSync(join(tmpdir(), 'innmesh-hotel-'));
    const program = runProgram('apps/signaling/main.ts', { PORT: '0', INNMESH_DATA_DIR: dataDir });
    const [, pages = ''] = await program.printed(/Devices ask to join +(http\S+)/);
    await program.printed(/Ctrl-C stops it/);
    return new EnrollingHotel(program, dataDir, new URL(pages).origin);
  }

  async stop(): Promise<void> {
    this.#program.signal('SIGTERM');
    await this.#program.exited;
    rmSync(this.#dataDir, { recursive: true });
  }
}
