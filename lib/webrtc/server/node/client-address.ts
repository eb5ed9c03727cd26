import type { IncomingMessage } from 'node:http';

/**
 * Who is calling. An IPv6 host chooses among 2⁶⁴ addresses by itself, so its network (/64) stands for it.
 *
 * `trustProxy`: the last entry of `X-Forwarded-For`, which the proxy in front has added. Only where there is one: any
 * caller can send that header.
 */
export function clientAddress(request: IncomingMessage, trustProxy: boolean): string {
  const forwarded = [request.headers['x-forwarded-for'] ?? ''].flat().join(',').split(',').at(-1)?.trim();
  const address = (trustProxy && forwarded) || request.socket.remoteAddress || 'unknown';
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '');
  return mapped.includes(':') ? networkOf(mapped) : mapped;
}

function networkOf(ipv6: string): string {
  const [head = '', tail] = ipv6.split('::');
  const before = head.split(':').filter(Boolean);
  const after = (tail ?? '').split(':').filter(Boolean);
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
