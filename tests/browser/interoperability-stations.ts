import type { P2PConnectionConfig } from '@innmesh/webrtc';
import { createPeerConnection } from '../../lib/webrtc/client/link/peer-connection.node.ts';
import type { AnyBrowser, AnyContext, AnyHandle, AnyPage, BrowserName } from '../support/any-browser.ts';
import { type Handed, InteroperableDevice } from './interoperability-page.ts';

/** What a device runs on, and for a page by which of this machine's names it comes. */
export interface Platform {
  runsOn: BrowserName | 'Node';
  host: string;
}

type Act<Result, Argument> = (device: InteroperableDevice, argument: Argument) => Result | Promise<Result>;

/** A device that comes and goes, on whatever it runs. */
export interface Station {
  readonly peerId: string;
  /** Runs where the device is, and sees nothing but its arguments. */
  run<Result, Argument = undefined>(act: Act<Result, Argument>, argument?: Argument): Promise<Awaited<Result>>;
  open(): Promise<void>;
  /** Its page is closed, or its program says goodbye. What it had handed over stays known. */
  close(): Promise<void>;
  /** All that it has been handed, whenever. */
  handed(): Promise<Handed[]>;
  /** For good. */
  remove(): Promise<void>;
}

export interface StationSettings {
  config: P2PConnectionConfig;
  /** `relay`: it finds no way to anybody. */
  iceTransportPolicy: RTCIceTransportPolicy;
}

export async function openStation(
  browsers: AnyBrowser,
  { runsOn, host }: Platform,
  settings: StationSettings,
): Promise<Station> {
  const station =
    runsOn === 'Node' ? new NodeStation(settings) : new PageStation(await browsers.openContext(runsOn), host, settings);
  await station.open();
  return station;
}

class NodeStation implements Station {
  readonly #device: InteroperableDevice;

  constructor({ config, iceTransportPolicy }: StationSettings) {
    this.#device = new InteroperableDevice(config, (given) => createPeerConnection({ ...given, iceTransportPolicy }));
  }

  get peerId(): string {
    return this.#device.peerId;
  }

  async run<Result, Argument>(act: Act<Result, Argument>, argument?: Argument): Promise<Awaited<Result>> {
    return await act(this.#device, argument as Argument);
  }

  open(): Promise<void> {
    return this.#device.connect();
  }

  async close(): Promise<void> {
    this.#device.disconnect();
  }

  async handed(): Promise<Handed[]> {
    return [...this.#device.handed];
  }

  remove(): Promise<void> {
    return this.close();
  }
}

/** What a page has. */
interface DevicePage {
  innmesh: typeof import('./interoperability-page.ts');
  device: InteroperableDevice;
}

class PageStation implements Station {
  readonly #context: AnyContext;
  readonly #host: string;
  readonly #settings: StationSettings;
  readonly #handedBefore: Handed[] = [];
  #page: { page: AnyPage; device: AnyHandle<InteroperableDevice> } | null = null;
  #peerId = '';

  constructor(context: AnyContext, host: string, settings: StationSettings) {
    this.#context = context;
    this.#host = host;
    this.#settings = settings;
  }

  get peerId(): string {
    return this.#peerId;
  }

  run<Result, Argument>(act: Act<Result, Argument>, argument?: Argument): Promise<Awaited<Result>> {
    if (!this.#page) throw new Error('The device has no page.');
    return this.#page.device.evaluate(act, argument as Argument);
  }

  async open(): Promise<void> {
    const page = await this.#context.openPage(this.#host);
    this.#peerId = await page.evaluate(async ({ config, iceTransportPolicy }) => {
      const here = window as unknown as DevicePage;
      const make = (given: RTCConfiguration) => new RTCPeerConnection({ ...given, iceTransportPolicy });
      here.device = new here.innmesh.InteroperableDevice(config, make);
      await here.device.connect();
      return here.device.peerId;
    }, this.#settings);
    this.#page = { page, device: await page.evaluateHandle(() => (window as unknown as DevicePage).device) };
  }

  async close(): Promise<void> {
    this.#handedBefore.push(...(await this.run(({ handed }) => handed)));
    await this.#page?.page.close();
    this.#page = null;
  }

  async handed(): Promise<Handed[]> {
    return [...this.#handedBefore, ...(this.#page ? await this.run(({ handed }) => handed) : [])];
  }

  remove(): Promise<void> {
    return this.#context.close();
  }
}
