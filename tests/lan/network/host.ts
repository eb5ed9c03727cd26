import type { Browser } from 'playwright-core';
import { findChromium, launchChromium } from '../../../scripts/chromium.ts';
import { signalAll } from '../../soak/subject.ts';
import type { Namespace } from './namespace.ts';
import type { AccessPoint } from './segment.ts';

/** A machine with one cable. */
export class Host {
  readonly name: string;
  readonly namespace: Namespace;
  /** The cable's other end, in the namespace of the router that it leads to. */
  readonly port: string;
  #accessPoint: AccessPoint;
  #address: string;

  private constructor(name: string, namespace: Namespace, port: string, accessPoint: AccessPoint) {
    this.name = name;
    this.namespace = namespace;
    this.port = port;
    this.#accessPoint = accessPoint;
    this.#address = accessPoint.segment.nextAddress();
  }

  static async create(name: string, namespace: Namespace, port: string, accessPoint: AccessPoint): Promise<Host> {
    const host = new Host(name, namespace, port, accessPoint);
    const { router } = accessPoint.segment;
    await namespace.ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', router.name);
    await accessPoint.segment.plug(port, accessPoint.bridge);
    await host.#takeAddress();
    return host;
  }

  get address(): string {
    return this.#address;
  }

  get accessPoint(): AccessPoint {
    return this.#accessPoint;
  }

  get router(): Namespace {
    return this.#accessPoint.segment.router;
  }

  /** Pulls the cable. */
  unplug(): Promise<string> {
    return this.router.ip('link', 'set', this.port, 'down');
  }

  plugIn(): Promise<string> {
    return this.router.ip('link', 'set', this.port, 'up');
  }

  /** Its cable leads elsewhere, and it has a new address, in the same subnet too. */
  async moveTo(accessPoint: AccessPoint): Promise<void> {
    await this.unplug();
    await this.router.ip('link', 'set', this.port, 'nomaster');
    const { segment, bridge } = accessPoint;
    if (segment.router !== this.router) await this.router.ip('link', 'set', this.port, 'netns', segment.router.name);
    this.#accessPoint = accessPoint;
    this.#address = segment.nextAddress();
    await this.namespace.ip('address', 'flush', 'dev', 'eth0', 'scope', 'global');
    await segment.plug(this.port, bridge);
    await this.#takeAddress();
  }

  /** This part of what comes to it is lost, by chance; 0: nothing any more. */
  async lose(fraction: number): Promise<void> {
    await this.namespace.run('iptables', '-F', 'INPUT');
    if (fraction === 0) return;
    const byChance = ['-m', 'statistic', '--mode', 'random', '--probability', String(fraction)];
    await this.namespace.run('iptables', '-A', 'INPUT', '-i', 'eth0', ...byChance, '-j', 'DROP');
  }

  /** What it sends and what comes to it. */
  async limitRate(kilobitsPerSecond: number): Promise<void> {
    const shape = ['root', 'tbf', 'rate', `${kilobitsPerSecond}kbit`, 'burst', '16kb', 'latency', '100ms'];
    await this.namespace.run('tc', 'qdisc', 'replace', 'dev', 'eth0', ...shape);
    await this.router.run('tc', 'qdisc', 'replace', 'dev', this.port, ...shape);
  }

  /** Its processes stand still, as those of a phone that is locked. */
  async sleep(): Promise<void> {
    signalAll(await this.namespace.pids(), 'SIGSTOP');
  }

  async wakeUp(): Promise<void> {
    signalAll(await this.namespace.pids(), 'SIGCONT');
  }

  /** Whether a datagram of that size gets to an address and back. */
  reaches(address: string, sizeBytes = 56): Promise<boolean> {
    return this.namespace.run('ping', '-c', '3', '-i', '0.3', '-W', '1', '-s', String(sizeBytes), address).then(
      () => true,
      () => false,
    );
  }

  /** With what the system's has by default: candidates hidden behind mDNS names. */
  async launchChromium(args: string[] = []): Promise<Browser> {
    const found = await findChromium({ log: console.log });
    return launchChromium({ chromium: { ...found, executablePath: this.namespace.wrap(found.executablePath) }, args });
  }

  /** Without a default route Chromium gathers no candidates. */
  async #takeAddress(): Promise<void> {
    const { namespace } = this;
    await namespace.ip('address', 'add', `${this.#address}/24`, 'broadcast', '+', 'dev', 'eth0');
    await namespace.ip('link', 'set', 'eth0', 'up');
    await namespace.ip('route', 'replace', 'default', 'via', this.#accessPoint.segment.gateway);
  }
}
