import { networkInterfaces } from 'node:os';

/** This machine's IPv4 addresses on its networks, the likeliest for phones first. */
export function lanAddresses(interfaces = networkInterfaces()): string[] {
  const found = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => ({ name, address })),
  );
  return found.sort((a, b) => rank(a.name) - rank(b.name)).map(({ address }) => address);
}

/** Bridges and tunnels of containers and VPNs lead to no phone. */
function rank(interfaceName: string): number {
  return /^(docker|br-|veth|virbr|tun|tap|utun|wg|tailscale|zt)/.test(interfaceName) ? 1 : 0;
}
