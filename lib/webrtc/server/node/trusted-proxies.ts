import { BlockList, isIP } from 'node:net';
import { ConfigurationError } from '@innmesh/protocol';

/** The proxies whose word about a client's address is taken. */
export class TrustedProxies {
  readonly #list = new BlockList();

  /** Addresses and networks: `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`. Throws `ConfigurationError`. */
  constructor(proxies: readonly string[]) {
    proxies.forEach((proxy, index) => {
      if (!this.#add(proxy)) {
        const problem = `must be an address or a network such as 10.0.0.0/8, not ${JSON.stringify(proxy)}`;
        throw new ConfigurationError(`trustedProxies[${index}]`, problem);
      }
    });
  }

  trusts(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#list.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }

  /**
   * Whose connection it is: the socket's other end, or, where that is a trusted proxy, the last address of
   * X-Forwarded-For that is none. What stands further to the left was written by the client itself.
   */
  clientOf(remoteAddress: string, forwardedFor: string | undefined): string {
    let client = remoteAddress;
    const hops = forwardedFor?.split(',') ?? [];
    while (this.trusts(client)) {
      const hop = withoutPort(hops.pop()?.trim() ?? '');
      if (!isIP(hop)) break;
      client = hop;
    }
    return client;
  }

  #add(proxy: string): boolean {
    const [address = '', prefix, ...more] = proxy.split('/');
    const family = isIP(address);
    const bits = prefix === undefined ? undefined : Number(prefix);
    if (family === 0 || more.length > 0 || !isPrefix(bits, prefix, family === 4 ? 32 : 128)) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) this.#list.addAddress(address, type);
    else this.#list.addSubnet(address, bits, type);
    return true;
  }
}

function isPrefix(bits: number | undefined, text: string | undefined, max: number): boolean {
  return bits === undefined || (/^\d{1,3}$/.test(text ?? '') && bits <= max);
}

/** Some proxies write `203.0.113.7:50123` or `[2001:db8::1]:50123`. */
function withoutPort(hop: string): string {
  const match = /^(\d+(?:\.\d+){3}):\d+$|^\[([^\]]+)\](?::\d+)?$/.exec(hop);
  return match?.[1] ?? match?.[2] ?? hop;
}
