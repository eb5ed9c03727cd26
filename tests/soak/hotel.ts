import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { randomUint32, seededRandom } from '@innmesh/kit';
import { type Ledgers, readLedger } from './ledger.ts';
import { LedgerServer } from './ledger-server.ts';
import { NodeDevice } from './node-device.ts';
import type { SoakOptions } from './options.ts';
import { PageDevice } from './page-device.ts';
import { SignalingProcess } from './signaling-process.ts';
import type { Device, Failed, Subject } from './subject.ts';

/** A signaling server and devices, each a process with a folder of its own, and their ledgers. */
export class SoakHotel {
  readonly devices: Device[];
  readonly #folder: string;
  readonly #signaling: SignalingProcess;
  readonly #ledgerServer: LedgerServer;

  private constructor(folder: string, devices: Device[], signaling: SignalingProcess, ledgerServer: LedgerServer) {
    this.#folder = folder;
    this.devices = devices;
    this.#signaling = signaling;
    this.#ledgerServer = ledgerServer;
  }

  /** The devices are yet to be started. */
  static async open(folder: string, options: SoakOptions, failed: Failed): Promise<SoakHotel> {
    mkdirSync(folder, { recursive: true });
    const ledgerServer = await LedgerServer.start(folder);
    const signaling = await SignalingProcess.start(failed);
    const random = seededRandom(options.seed);
    const common = (kind: string, number: number) => {
      const name = `${kind}-${number}`;
      const seed = randomUint32(random);
      return { name, signalingUrl: signaling.url, seed, ledger: ledgerPath(folder, name), failed };
    };
    const nodes = Array.from({ length: options.nodes }, (_, index) => {
      const deps = common('node', index + 1);
      return new NodeDevice({ ...deps, home: join(folder, `${deps.name}.home`) });
    });
    const pages = Array.from({ length: options.pages }, (_, index) => {
      const deps = common('page', index + 1);
      return new PageDevice({ ...deps, pageUrl: ledgerServer.url, profile: join(folder, `${deps.name}.profile`) });
    });
    return new SoakHotel(folder, [...nodes, ...pages], signaling, ledgerServer);
  }

  get subjects(): Subject[] {
    return [this.#signaling, ...this.devices];
  }

  ledgers(): Ledgers {
    return new Map(this.devices.map(({ name }) => [name, readLedger(ledgerPath(this.#folder, name))]));
  }

  async close(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.close()));
    await this.#signaling.close();
    await this.#ledgerServer.close();
  }
}

const ledgerPath = (folder: string, name: string) => join(folder, `${name}.jsonl`);
