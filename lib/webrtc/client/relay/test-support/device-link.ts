import { seededRandom, systemClock } from '@innmesh/kit';
import { Entitlements, type JsonWebKeySet } from '@innmesh/protocol';
import { loadCryptography } from '../../identity/cryptography.ts';
import { Link, type LinkEvents } from '../../link/link.ts';
import { LinkAuthentication } from '../../link/link-authentication.ts';
import type { Transport } from '../../link/transport.ts';
import { Trust } from '../../trust/trust.ts';
import { ATTEMPT } from './relayed-pair.ts';

/** A staff device that an issuer vouches for. */
export interface VouchedDevice {
  name: string;
  key: { peerId: string; publicKey: Uint8Array<ArrayBuffer>; sign(bytes: Uint8Array): Uint8Array<ArrayBuffer> };
  credential: string;
  issuerKeys: JsonWebKeySet;
}

/** Its end of a link to another device. */
export async function linkOf(
  device: VouchedDevice,
  to: string,
  transport: Transport,
  events: Pick<LinkEvents, 'signal'> & Partial<LinkEvents>,
): Promise<Link> {
  const trust = await trustOf(device);
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const authentication = new LinkAuthentication({ trust, tenantId: 'hotel', peerId: to, role: 'staff', nonce });
  const hello = () => ({ type: 'hello' as const, journals: [] });
  const deps = { clock: systemClock, transport, keepaliveMs: 30_000, authentication, hello, log: () => {} };
  return new Link(ATTEMPT, deps, {
    opened: () => {},
    replicated: () => {},
    closing: () => {},
    settled: async () => {},
    denied: () => {},
    signaled: () => {},
    heard: () => {},
    doubted: () => {},
    pathFound: () => {},
    closed: () => {},
    ...events,
  });
}

async function trustOf({ name, key, credential, issuerKeys }: VouchedDevice): Promise<Trust> {
  const { peerId, publicKey } = key;
  const trust = new Trust(
    {
      tenantId: 'hotel',
      deviceInfo: { type: 'staff', name, capabilities: [] },
      credential,
      issuerKeys,
      entitlements: new Entitlements(),
      identity: async () => ({ peerId, publicKey, sign: async (bytes: Uint8Array) => key.sign(bytes) }),
      loadCryptography,
      device: { recall: async () => undefined, remember: async () => {} },
      fetchJson: () => Promise.reject(new Error('There is no network.')),
      clock: systemClock,
      random: seededRandom(1),
      log: () => {},
    },
    () => {},
  );
  await trust.prepare();
  // It knows who it is from then on.
  await trust.identify();
  return trust;
}
