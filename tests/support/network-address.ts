import { networkInterfaces } from 'node:os';

/** This machine's on its network, where a page has no WebCrypto. */
export function networkAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const found = addresses.find(({ family, internal }) => family === 'IPv4' && !internal);
  if (!found) throw new Error('This machine has no address but loopback; the test needs one of its own network.');
  return found.address;
}
