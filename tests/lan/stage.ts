import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { eventually } from './eventually.ts';
import type { Host } from './network/host.ts';
import { createLan, type Lan } from './network/lan.ts';
import { ServedProcess } from './servers/served-process.ts';
import { NodeStation } from './stations/node-station.ts';
import { PageStation } from './stations/page-station.ts';
import type { StationSettings } from './stations/program.ts';
import { hasNoted, type Station } from './stations/station.ts';

/** What a station is given where it differs. */
type Some = Pick<StationSettings, 'name' | 'readers'> & Partial<StationSettings>;

/** Innmesh once more, with one end in Node. */
export const INNMESH_IN_NODE = 'innmesh-node';

const isInNode = (contestant: string) => contestant === INNMESH_IN_NODE;
const libraryOf = (contestant: string) => (isInNode(contestant) ? 'innmesh' : contestant);

/** Two stations of one contestant. */
export interface Pair {
  contestant: string;
  writer: Station;
  reader: PageStation;
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
    const url = `http://${this.#pages.authority}/${contestant}/`;
    return PageStation.open(host, browser, url, await this.#complete(contestant, settings));
  }

  async node(host: Host, settings: Some): Promise<NodeStation> {
    const home = join(this.lan.folder, `${settings.name}.home`);
    return NodeStation.start(host, home, await this.#complete('innmesh', settings));
  }

  /** Resolves when they are linked, or as good as never will be. */
  async pair(contestant: string, from: Host, to: Host, iceServers: RTCIceServer[] = []): Promise<Pair> {
    const common = { room: `hotel-${contestant}`, iceServers };
    const waits = { ...common, name: to.name, readers: [from.name], role: 'waits' } as const;
    const joins = { ...common, name: from.name, readers: [to.name], role: 'joins' } as const;
    const library = libraryOf(contestant);
    const reader = await this.page(to, library, waits);
    const writer = await (isInNode(contestant) ? this.node(from, joins) : this.page(from, library, joins));
    await eventually(async () => (await isLinked(writer, reader)) && (await isLinked(reader, writer)));
    return { contestant, writer, reader };
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
