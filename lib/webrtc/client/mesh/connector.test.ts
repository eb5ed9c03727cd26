import { ManualClock, seededRandom } from '@innmesh/kit';
import { type RelayMessage, writeRelayedDescription } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { RelayMeters } from '../link/relay-meter.ts';
import type { Transport, TransportEvents } from '../link/transport.ts';
import type { Trust } from '../trust/trust.ts';
import type { Beginnings } from './beginnings.ts';
import { Connector, type ConnectorEvents } from './connector.ts';
import type { Beginning } from './first-offer.ts';
import { LinkRepair } from './link-repair.ts';
import { OfferLimits } from './offer-limits.ts';
import { Peer } from './peer.ts';
import type { RepairAction } from './repair.ts';

const RELAYED_SDP = writeRelayedDescription(new Uint8Array(65).fill(4));
const DIRECT_SDP = 'v=0\r\na=fingerprint:sha-256 AA\r\n';
const PATIENCE_MS = 3_000;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** It describes itself and gets nowhere. */
class IdleTransport {
  readonly isRelayed: boolean;
  readonly hasPath = false;
  closedWith: string | null = null;
  #events: TransportEvents | null = null;

  constructor(isRelayed: boolean) {
    this.isRelayed = isRelayed;
  }

  listen(events: TransportEvents): void {
    this.#events = events;
  }

  offer = async () => (this.isRelayed ? RELAYED_SDP : DIRECT_SDP);
  answer = this.offer;
  useRelays(): void {}
  trickle(): void {}

  close(reason: string): void {
    if (this.closedWith !== null) return;
    this.closedWith = reason;
    this.#events?.closed(reason);
  }
}

let clock: ManualClock;
let peer: Peer;
let direct: IdleTransport[];
let relayed: PromiseWithResolvers<Transport>;
let signaled: string[];
let acts: RepairAction[];
let connector: Connector;

beforeEach(() => {
  clock = new ManualClock();
  peer = new Peer('other', { type: 'staff', name: 'n', capabilities: [] });
  peer.slot = 1;
  relayed = Promise.withResolvers();
  [direct, signaled, acts] = [[], [], []];
  const idle = async () => {};
  const none = () => {};
  const events: ConnectorEvents = {
    linked: none,
    unlinked: none,
    relinked: none,
    replicated: none,
    closing: none,
    settled: idle,
    denied: none,
    isolated: none,
    failed: none,
  };
  connector = new Connector(
    peer,
    {
      clock,
      random: seededRandom(1),
      tenantId: 'hotel',
      trust: { peerId: 'own', prove: async () => ({}) } as unknown as Trust,
      keepaliveMs: 30_000,
      iceServers: () => [],
      relayed: new RelayMeters(),
      hello: () => ({ type: 'hello', journals: [] }),
      beginnings: beginnings(),
      offerLimits: new OfferLimits(clock),
      keeper: { wants: () => true, owes: () => false },
      signals: { send: (_, { type }) => signaled.push(type), handle: none },
      relay: { isOffered: true, begin: () => relayed.promise as Promise<never> },
      peers: () => [peer],
      isAwaited: () => true,
      isStopped: () => false,
      ended: none,
      log: none,
    },
    events,
  );
});

function beginnings(): Beginnings {
  let attempt = 0;
  const of = (transport: unknown, number: number) =>
    ({ attempt: number, nonce: new Uint8Array(16), transport }) as Beginning;
  const begin = (number: number) => {
    const transport = new IdleTransport(false);
    direct.push(transport);
    return of(transport, number);
  };
  return {
    newAttempt: () => ++attempt,
    next: () => begin(++attempt),
    for: begin,
    with: of,
  } as Pick<Beginnings, 'newAttempt' | 'next' | 'for' | 'with'> as Beginnings;
}

/** A link that has stood, and what keeps it on its feet. */
function stand(link: Partial<Link>): void {
  peer.links.begin({ attempt: 1_000, isRelayed: false, discard: () => {}, ...link } as Link);
  peer.repair = new LinkRepair({
    clock,
    random: seededRandom(1),
    condition: () => ({ isBroken: false, silentMs: 0, canRestart: true }),
    act: (action) => acts.push(action),
  });
}

describe('an attempt through the server', () => {
  it('is given up where a direct link has come to stand while the code for it was loaded', async () => {
    connector.offer();
    clock.advance(PATIENCE_MS);
    await settled();
    direct[0]?.close('it found no way.');
    stand({ isOpen: true });
    const transport = new IdleTransport(true);
    relayed.resolve(transport as unknown as Transport);
    await settled();
    expect([transport.closedWith, signaled]).toEqual(['a direct link stands.', ['offer']]);
  });

  it('is made where none does', async () => {
    connector.offer();
    clock.advance(PATIENCE_MS);
    const transport = new IdleTransport(true);
    relayed.resolve(transport as unknown as Transport);
    await settled();
    expect([transport.closedWith, signaled]).toEqual([null, ['offer', 'offer']]);
  });
});

describe('the repair of a link', () => {
  const offer: RelayMessage = { type: 'offer', peer: 1, attempt: 7, nonce: new Uint8Array(16), sdp: DIRECT_SDP };

  it('has nothing to do with the attempt that takes the place of a link which says goodbye', async () => {
    stand({ isOpen: false });
    connector.signaled(offer);
    await settled();
    connector.networkChanged();
    // Less than an attempt has.
    clock.advance(10_000);
    expect([acts, direct.length]).toEqual([[], 1]);
  });

  it('goes on beside an attempt to replace a link that stands', async () => {
    stand({ isOpen: true });
    connector.signaled(offer);
    await settled();
    connector.networkChanged();
    expect(acts).toEqual(['ping']);
  });

  it('ends with it, where the page goes to sleep while its path is looked for', () => {
    let hasSaidBye = false;
    stand({
      isOpen: true,
      close: () => {
        hasSaidBye = true;
      },
    });
    peer.repair?.tell('silence');
    connector.close('the page goes to sleep.');
    clock.advance(60_000);
    expect([acts, hasSaidBye]).toEqual([['restart-ice'], true]);
  });
});
