/** Names and addresses that only this network has: mDNS (RFC 6762), private (RFC 1918, RFC 4193), link-local, loopback. */
export function isLocalHost(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  if (/^localhost$|\.local(host)?$/.test(host)) return true;
  if (host.includes(':')) return /^(::1$|f[cd]|fe[89ab])/.test(host);
  return isPrivateIpv4(host);
}

const PRIVATE_IPV4 = /^(10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./;

function isPrivateIpv4(host: string): boolean {
  const octets = host.split('.');
  return PRIVATE_IPV4.test(host) && octets.length === 4 && octets.every((octet) => /^\d+$/.test(octet) && +octet < 256);
}
