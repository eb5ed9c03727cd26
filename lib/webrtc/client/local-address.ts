/** Names and addresses that only this network has: mDNS (RFC 6762), private (RFC 1918, RFC 4193), link-local, loopback. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (host === 'localhost' || host.endsWith('.local') || host.endsWith('.localhost')) return true;
  if (host.includes(':')) return host === '::1' || /^f[cd]/.test(host) || /^fe[89ab]/.test(host);
  return isPrivateIpv4(host);
}

function isPrivateIpv4(host: string): boolean {
  const octets = host.split('.').map(Number);
  if (octets.length !== 4 || !octets.every((octet) => Number.isInteger(octet) && octet >= 0 && octet <= 255))
    return false;
  const [a = 0, b = 0] = octets;
  return (
    a === 10 || a === 127 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168) || (a === 169 && b === 254)
  );
}

/** Whether two addresses are neighbours: the same one, or of one IPv4 network of 256. */
export function areNeighbours(one: string, other: string): boolean {
  const network = (address: string) => address.slice(0, address.lastIndexOf('.') + 1);
  return one === other || (network(one) !== '' && network(one) === network(other));
}
