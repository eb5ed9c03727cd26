import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { eventually } from './eventually.ts';
import type { Host } from './network/host.ts';
import { createLan, type Lan } from './network/lan.ts';
import { ServedProcess } from './servers/served-process.ts';
import { PageStation } from './stations/page-station.ts';
import { ProcessStation } from './stations/process-station.ts';
import type { StationSettings } from './stations/program.ts';
import { hasNoted, type LinkedStation, type Station } from './stations/station.ts';

/** What a station is given where it differs. */
type Some = Pick<StationSettings, 'name' | 'readers'> & Partial<StationSettings>;

/** Innmesh once more, with the writer in Node, and with the reader in Firefox. */
export const INNMESH_IN_NODE = 'innmesh-node';
export const INNMESH_IN_FIREFOX = 'innmesh-firefox';
export const ownContestants = ['innmesh', INNMESH_IN_NODE, INNMESH_IN_FIREFOX];

const libraryOf = (contestant: string) => (ownContestants.includes(contestant) ? 'innmesh' : contestant);

/** Two stations of one contestant. */
export interface Pair {
  contestant: string;
  writer: Station;
  reader: LinkedStation;
}

/** A hotel's network with its server, and stations on its hosts. */
export class Stage {
  readonly lan: Lan;
  /** Where pages come from, and where signaling servers run. */
  readonly server: Host;
  readonly #pages: ServedProcess;
  readonly #signaling = new Map<string, ServedProcess>();
  readonly #browsers = new Map<Host, Promise<Browser>>();

  private constructor(lan: Lan, server: Host, pages: ServedProcess) {
    this.lan = lan;
    this.server = server;
    this.#pages = pages;
  }

  /** `serverIn`: the house, or beyond its router. */
  static async open(contestants: string[], serverIn: 'house' | 'internet' = 'house'): Promise<Stage> {
    const lan = await createLan();
    try {
      const server = await lan.host('server', lan[serverIn].main);
      const libraries = [...new Set(contestants.map(libraryOf))];
      return new Stage(lan, server, await ServedProcess.start(server, 'page-program.ts', libraries));
    } catch (error) {
      lan.close();
      throw error;
    }
  }

  async signaling(contestant: string): Promise<ServedProcess> {
    const started = this.#signaling.get(contestant);
    if (started) return started;
    const server = await ServedProcess.start(this.server, 'signaling-program.ts', [contestant]);
    this.#signaling.set(contestant, server);
    return server;
  }

  async page(host: Host, contestant: string, settings: Some): Promise<PageStation> {
    const browser = await this.#browserOf(host);
    return PageStation.open(host, browser, this.#urlOf(contestant), await this.#complete(contestant, settings));
  }

  async node(host: Host, settings: Some): Promise<ProcessStation> {
    // Its key and its journal are there.
    const env = { INNMESH_HOME: join(this.lan.folder, `${settings.name}.home`) };
    const args = [JSON.stringify(await this.#complete('innmesh', settings))];
    return ProcessStation.start(host, { name: settings.name, program: 'node-program.ts', args, env });
  }

  async firefox(host: Host, settings: Some): Promise<ProcessStation> {
    const args = [this.#urlOf('innmesh'), JSON.stringify(await this.#complete('innmesh', settings))];
    return ProcessStation.start(host, { name: settings.name, program: 'firefox-program.ts', args });
  }

  /** Resolves when they are linked, or as good as never will be. */
  async pair(contestant: string, from: Host, to: Host, iceServers: RTCIceServer[] = []): Promise<Pair> {
    const common = { room: `hotel-${contestant}`, iceServers };
    const waits = { ...common, name: to.name, readers: [from.name], role: 'waits' } as const;
    const joins = { ...common, name: from.name, readers: [to.name], role: 'joins' } as const;
    const library = libraryOf(contestant);
    const isInFirefox = contestant === INNMESH_IN_FIREFOX;
    const reader = await (isInFirefox ? this.firefox(to, waits) : this.page(to, library, waits));
    const isInNode = contestant === INNMESH_IN_NODE;
    const writer = await (isInNode ? this.node(from, joins) : this.page(from, library, joins));
    await eventually(async () => (await isLinked(writer, reader)) && (await isLinked(reader, writer)));
    return { contestant, writer, reader };
  }

  #urlOf(contestant: string): string {
    return `http://${this.#pages.authority}/${contestant}/`;
  }

  async close(): Promise<void> {
    const browsers = await Promise.allSettled(this.#browsers.values());
    await Promise.all(browsers.map((opened) => opened.status === 'fulfilled' && opened.value.close()));
    this.lan.close();
  }

  /** One for each host. Its pages count as secure, as they would with a certificate. */
  #browserOf(host: Host): Promise<Browser> {
    const secure = `--unsafely-treat-insecure-origin-as-secure=http://${this.#pages.authority}`;
    const browser = this.#browsers.get(host) ?? host.launchChromium([secure]);
    this.#browsers.set(host, browser);
    return browser;
  }

  async #complete(contestant: string, settings: Some): Promise<StationSettings> {
    const signalingUrl = `ws://${(await this.signaling(contestant)).authority}`;
    return { signalingUrl, room: 'hotel-lan', role: 'waits', iceServers: [], ...settings };
  }
}

export const isLinked = (station: Station, to: Station) => hasNoted(station, `linked to ${to.name}`);
