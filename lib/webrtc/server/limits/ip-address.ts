/*
 * An IPv4 address is counted as it is. Of an IPv6 address only the network (/64) is, as whoever has one has 2⁶⁴
 * addresses in it (RFC 6177) and could come from another one each time.
 */

/** What an address is counted under: `203.0.113.7`, `2001:db8:1:2::/64`. Text that is no address stands for itself. */
export function addressKey(address: string): string {
  const ipv4 = embeddedIPv4(address);
  if (ipv4) return ipv4;
  const groups = groupsOf(address);
  return groups ? `${groups.slice(0, 4).join(':')}::/64` : address.slice(0, 45);
}

/** An address as it may stand in a log, where it is personal data: its /24 or /48. */
export function truncatedAddress(address: string): string {
  const ipv4 = embeddedIPv4(address);
  if (ipv4) return `${ipv4.split('.').slice(0, 3).join('.')}.0/24`;
  const groups = groupsOf(address);
  return groups ? `${groups.slice(0, 3).join(':')}::/48` : 'unknown';
}

const IPV4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/** Also of `::ffff:203.0.113.7`, which is how IPv4 looks on a socket that takes both (RFC 4291 §2.5.5.2). */
function embeddedIPv4(address: string): string | null {
  const ipv4 = address.replace(/^::ffff:/i, '');
  return IPV4.test(ipv4) ? ipv4 : null;
}

/** The eight groups in their shortest form, the zone (`%eth0`) left out. */
function groupsOf(address: string): string[] | null {
  const [plain = ''] = address.replace(/\/64$/, '').split('%');
  const [head = '', tail, ...more] = plain.split('::');
  if (more.length > 0 || !plain.includes(':')) return null;
  const before = head ? head.split(':') : [];
  const after = tail ? tail.split(':') : [];
  const missing = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...new Array<string>(missing).fill('0'), ...after];
  if (!groups.slice(0, 4).every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
  return groups.map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
}
