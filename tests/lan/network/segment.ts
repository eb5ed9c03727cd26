import type { Namespace } from './namespace.ts';

/** Which addresses and ports a router shows for those behind it. */
export type Nat =
  /** The port a device has, whomever it talks to: two such routers let devices find each other by STUN. */
  | 'port-preserving'
  /** Another port for whomever it talks to: devices behind two of them need a relay. */
  | 'symmetric';

/** A switch, or an access point, of a segment: where cables end. */
export interface AccessPoint {
  readonly segment: Segment;
  /** The bridge in the router's namespace. */
  readonly bridge: string;
}

/** A subnet with its router, which is where its switches are, too. */
export class Segment {
  readonly router: Namespace;
  /** Where a cable ends unless said otherwise. */
  readonly main: AccessPoint;
  readonly #prefix: string;
  #lastAddress = 1;
  #accessPoints = 0;
  #upstream: Segment | undefined;

  private constructor(router: Namespace, number: number) {
    this.router = router;
    this.#prefix = `10.77.${number}`;
    this.main = { segment: this, bridge: 'ap0' };
  }

  static async create(router: Namespace, number: number): Promise<Segment> {
    const segment = new Segment(router, number);
    await router.run('sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    await segment.#addBridge(segment.main.bridge);
    await router.ip('address', 'add', `${segment.gateway}/24`, 'dev', segment.main.bridge);
    return segment;
  }

  get gateway(): string {
    return `${this.#prefix}.1`;
  }

  get subnet(): string {
    return `${this.#prefix}.0/24`;
  }

  /** One that nobody has had yet. */
  nextAddress(): string {
    this.#lastAddress += 1;
    return `${this.#prefix}.${this.#lastAddress}`;
  }

  /** Another one in the same subnet. */
  async accessPoint(): Promise<AccessPoint> {
    const number = this.#accessPoints;
    const [bridge, trunk, end] = [`ap${number}`, `trunk${number}`, `trunk${number}-end`];
    await this.#addBridge(bridge);
    await this.router.ip('link', 'add', trunk, 'type', 'veth', 'peer', 'name', end);
    await this.plug(trunk, bridge);
    await this.plug(end, this.main.bridge);
    return { segment: this, bridge };
  }

  /** Joins an interface of the router's namespace to a switch. */
  async plug(port: string, bridge: string): Promise<void> {
    await this.router.ip('link', 'set', port, 'master', bridge);
    await this.router.ip('link', 'set', port, 'up');
  }

  /** What is behind this router reaches what is behind the other one, and through NAT nobody is reached from there. */
  async connectTo(upstream: Segment, nat?: Nat): Promise<void> {
    const [address, port] = [upstream.nextAddress(), `${this.#prefix}-wan`];
    await this.router.ip('link', 'add', 'wan', 'type', 'veth', 'peer', 'name', port, 'netns', upstream.router.name);
    await upstream.plug(port, upstream.main.bridge);
    await this.router.ip('address', 'add', `${address}/24`, 'dev', 'wan');
    this.#upstream = upstream;
    await this.restoreInternet();
    if (nat) await this.#translate(nat);
    else await upstream.router.ip('route', 'add', this.subnet, 'via', address);
  }

  /** The property's internet is down. */
  cutInternet(): Promise<string> {
    return this.router.ip('link', 'set', 'wan', 'down');
  }

  async restoreInternet(): Promise<void> {
    await this.router.ip('link', 'set', 'wan', 'up');
    await this.router.ip('route', 'replace', 'default', 'via', this.#upstream?.gateway ?? '');
  }

  /** One without a MAC of its own takes that of a port, and another one when ports come and go. */
  async #addBridge(name: string): Promise<void> {
    const mac = `02:00:00:00:00:${(this.#accessPoints++).toString(16).padStart(2, '0')}`;
    await this.router.ip('link', 'add', name, 'address', mac, 'type', 'bridge');
    await this.router.ip('link', 'set', name, 'up');
  }

  async #translate(nat: Nat): Promise<void> {
    const ports = nat === 'symmetric' ? ['--random-fully'] : [];
    await this.router.run('iptables', '-t', 'nat', '-A', 'POSTROUTING', '-o', 'wan', '-j', 'MASQUERADE', ...ports);
    // What comes for the router itself, too: it would take the port that a device behind it is about to need.
    for (const chain of ['FORWARD', 'INPUT']) {
      await this.router.run('iptables', '-A', chain, '-i', 'wan', '-m', 'conntrack', '--ctstate', 'NEW', '-j', 'DROP');
    }
  }
}
