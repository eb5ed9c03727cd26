import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Host } from './host.ts';
import { Namespace } from './namespace.ts';
import { claimPrefix, removeLeftovers } from './ownership.ts';
import { LanUnavailableError, whyNoLan } from './requirements.ts';
import { type AccessPoint, type Nat, Segment } from './segment.ts';

/**
 * A hotel's network on this machine, out of its own network's reach. All of it is in namespaces of its own, so that it
 * meets neither this machine's addresses nor those of another run.
 * @throws LanUnavailableError where it may not be made
 */
export async function createLan(): Promise<Lan> {
  const reason = await whyNoLan();
  if (reason) throw new LanUnavailableError(reason);
  removeLeftovers();
  return Lan.create();
}

export class Lan {
  /** For files, gone with the lab. */
  readonly folder: string;
  /** What is beyond the hotel's router. */
  readonly internet: Segment;
  /** Where a host is unless said otherwise. */
  readonly house: Segment;
  /** Of the names of all that it is made of. */
  readonly prefix: string;
  readonly #namespaces: Namespace[];
  #segments = 2;
  #ports = 0;

  private constructor(prefix: string, folder: string, internet: Segment, house: Segment) {
    this.prefix = prefix;
    this.folder = folder;
    this.internet = internet;
    this.house = house;
    this.#namespaces = [internet.router, house.router];
  }

  static async create(): Promise<Lan> {
    const prefix = claimPrefix();
    const folder = join(tmpdir(), `${prefix}-files`);
    mkdirSync(folder);
    const routers = ['internet', 'house'].map((name) => Namespace.create(`${prefix}-${name}-router`, folder));
    const [internet, house] = (await Promise.all(
      routers.map(async (router, number) => Segment.create(await router, number)),
    )) as [Segment, Segment];
    await house.connectTo(internet);
    return new Lan(prefix, folder, internet, house);
  }

  async host(name: string, accessPoint: AccessPoint = this.house.main): Promise<Host> {
    return Host.create(name, await this.#namespace(name), `port${this.#ports++}`, accessPoint);
  }

  /** Another subnet, behind a router of its own. */
  async segment(name: string, nat?: Nat): Promise<Segment> {
    const segment = await Segment.create(await this.#namespace(`${name}-router`), this.#segments++);
    await segment.connectTo(this.internet, nat);
    return segment;
  }

  /** None of these reaches another of them any more, as with client isolation; they reach everyone else. */
  async isolate(...hosts: Host[]): Promise<void> {
    for (const host of hosts) await setIsolated(host, 'on');
  }

  async reunite(...hosts: Host[]): Promise<void> {
    for (const host of hosts) await setIsolated(host, 'off');
  }

  /** With all that runs in it. */
  close(): void {
    for (const namespace of this.#namespaces.splice(0)) namespace.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #namespace(name: string): Promise<Namespace> {
    const namespace = await Namespace.create(`${this.prefix}-${name}`, this.folder);
    this.#namespaces.push(namespace);
    return namespace;
  }
}

async function setIsolated({ router, port }: Host, isolated: 'on' | 'off'): Promise<void> {
  await router.run('bridge', 'link', 'set', 'dev', port, 'isolated', isolated);
}
