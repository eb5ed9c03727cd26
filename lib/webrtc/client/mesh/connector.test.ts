import { ManualClock, seededRandom } from '@innmesh/kit';
import { encodeLinkMessage, PROTOCOL_VERSION, type RelayMessage, writeRelayedDescription } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { RelayMeters } from '../link/relay-meter.ts';
import { lanes, type Transport, type TransportEvents } from '../link/transport.ts';
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
const YIELD_MS = 300;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

const proof = {
  type: 'authenticate' as const,
  version: PROTOCOL_VERSION,
  credential: 'c',
  publicKey: new Uint8Array(65),
  signature: new Uint8Array(64),
};
const PROOF = encodeLinkMessage(proof);
const HELLO = encodeLinkMessage({ type: 'hello', journals: [] });
const PING = encodeLinkMessage({ type: 'ping', nonce: 1 });

/** It describes itself, and does what it is told. */
class FakeTransport {
  readonly isRelayed: boolean;
  readonly attempt: number;
  hasPath = false;
  isBroken = false;
  canRestart = true;
  closedWith: string | null = null;
  events!: TransportEvents;

  constructor(isRelayed: boolean, attempt: number) {
    this.isRelayed = isRelayed;
    this.attempt = attempt;
  }

  listen(events: TransportEvents): void {
    this.events = events;
  }

  offer = async () => (this.isRelayed ? RELAYED_SDP : DIRECT_SDP);
  answer = this.offer;
  restart = this.offer;
  acceptAnswer = async () => {};
  useRelays(): void {}
  trickle(): void {}
  allowLongRecords(): void {}
  send(): void {}

  say(...records: Uint8Array<ArrayBuffer>[]): void {
    this.events.received(lanes.entries, records);
  }

  close(reason: string): void {
    if (this.closedWith !== null) return;
    this.closedWith = reason;
    this.events.closed(reason);
  }
}

let clock: ManualClock;
let peer: Peer;
let direct: FakeTransport[];
let relayed: PromiseWithResolvers<Transport>;
let signaled: string[];
let acts: RepairAction[];
/** What the application is told. */
let told: string[];
let connector: Connector;

beforeEach(() => {
  clock = new ManualClock();
  peer = new Peer('there', { type: 'staff', name: 'n', capabilities: [] });
  peer.slot = 1;
  relayed = Promise.withResolvers();
  [direct, signaled, acts, told] = [[], [], [], []];
  const idle = async () => {};
  const none = () => {};
  const events: ConnectorEvents = {
    linked: () => told.push('linked'),
    unlinked: () => told.push('unlinked'),
    relinked: () => told.push('relinked'),
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
      trust: { peerId: 'here', prove: async () => proof, verify: async () => ({ role: 'staff' }) } as unknown as Trust,
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
    const transport = new FakeTransport(false, number);
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
    const transport = new FakeTransport(true, 0);
    relayed.resolve(transport as unknown as Transport);
    await settled();
    expect([transport.closedWith, signaled]).toEqual(['a direct link stands.', ['offer']]);
  });

  it('is made where none does', async () => {
    connector.offer();
    clock.advance(PATIENCE_MS);
    const transport = new FakeTransport(true, 0);
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

/** What this device has offered is answered, and its channels open. */
async function answered(transport: FakeTransport | undefined): Promise<FakeTransport> {
  if (!transport) throw new Error('Nothing was offered.');
  await settled();
  connector.signaled({
    type: 'answer',
    peer: 1,
    attempt: transport.attempt,
    nonce: new Uint8Array(16),
    sdp: DIRECT_SDP,
  });
  await settled();
  transport.hasPath = true;
  transport.events.opened();
  return transport;
}

/** The other side has shown who it is, and this one has greeted it. */
async function greeted(transport: FakeTransport | undefined): Promise<FakeTransport> {
  const shown = await answered(transport);
  shown.say(PROOF);
  await settled();
  return shown;
}

async function linked(): Promise<FakeTransport> {
  connector.offer();
  const transport = await greeted(direct[0]);
  transport.say(HELLO);
  expect(told).toEqual(['linked']);
  return transport;
}

describe('an attempt beside a link that works again', () => {
  /** Another connection is made in place of the link. */
  const replaced = async () => {
    const link = await linked();
    link.canRestart = false;
    link.events.pathLost(true);
    return link;
  };

  it('is given up', async () => {
    const link = await replaced();
    const next = await answered(direct[1]);
    link.say(PING);
    expect([next.closedWith, link.closedWith]).toEqual(['the link works again.', null]);
  });

  it('is not given up where this side has greeted on it: it may be the other side’s link by now', async () => {
    const link = await replaced();
    const next = await greeted(direct[1]);
    link.say(PING);
    next.say(HELLO);
    expect([next.closedWith, told]).toEqual([null, ['linked', 'relinked']]);
    clock.advance(1_000);
    expect(link.closedWith).toBe('another connection has taken its place.');
  });

  it('takes the place of the link that ends just then, and nobody hears of it', async () => {
    const link = await replaced();
    const next = await greeted(direct[1]);
    link.close('the other side closed its channel.');
    next.say(HELLO);
    expect(told).toEqual(['linked', 'relinked']);
  });

  it('that fails after the link has ended is the end of it, which the application hears of once', async () => {
    const link = await replaced();
    const next = await greeted(direct[1]);
    link.close('the other side closed its channel.');
    expect(told).toEqual(['linked']);
    next.close('it failed.');
    expect(told).toEqual(['linked', 'unlinked']);
  });
});

describe('an attempt of the other side beside a link that does not work', () => {
  const nonce = new Uint8Array(16);
  /** It has made an offer. */
  const offered = async () => {
    const link = await linked();
    link.canRestart = false;
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce, sdp: DIRECT_SDP });
    await settled();
    return link;
  };

  it('is waited for', async () => {
    const link = await offered();
    clock.advance(4_000);
    link.events.pathLost(true);
    expect([direct.length, direct[1]?.closedWith]).toEqual([2, null]);
  });

  it('is waited for 5 s, and no longer', async () => {
    const link = await offered();
    clock.advance(5_000);
    link.events.pathLost(true);
    expect([direct.length, direct[1]?.closedWith]).toEqual([3, 'another attempt takes its place.']);
  });

  it('is not waited for where the network has changed: what was signaled for it may be lost', async () => {
    const link = await offered();
    link.events.pathLost(true);
    connector.networkChanged();
    expect([direct.length, direct[1]?.closedWith]).toEqual([3, 'another attempt takes its place.']);
  });

  it('is not given up where this side hears the other: that one may not hear it', async () => {
    const link = await offered();
    link.events.pathLost(true);
    link.say(PING);
    expect(direct[1]?.closedWith).toBe(null);
  });
});

describe('a link whose path is there again', () => {
  /** Nothing has come for so long, and ICE was restarted. */
  const silentFor = async (ms: number) => {
    const link = await linked();
    clock.advance(ms - 1_000);
    link.events.pathLost(false);
    clock.advance(1_000);
    link.events.pathFound();
    clock.advance(YIELD_MS);
    await settled();
    return link;
  };

  it('is replaced after 3 s: what waits on it would wait for as long again', async () => {
    await silentFor(3_000);
    expect(direct.length).toBe(2);
  });

  it('goes on as it is before that', async () => {
    await silentFor(2_600);
    expect(direct.length).toBe(1);
  });

  it('is not replaced again where it was half a second ago', async () => {
    const link = await linked();
    link.canRestart = false;
    link.events.pathLost(true);
    clock.advance(199);
    link.events.pathFound();
    clock.advance(YIELD_MS);
    expect(direct.length).toBe(2);
    link.events.pathFound();
    clock.advance(YIELD_MS);
    expect(direct.length).toBe(3);
  });

  it('waits for the offer of the other side, which may be the one that was away', async () => {
    const link = await linked();
    clock.advance(2_000);
    link.events.pathLost(false);
    clock.advance(1_000);
    link.events.pathFound();
    clock.advance(YIELD_MS - 1);
    expect(direct.length).toBe(1);
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce: new Uint8Array(16), sdp: DIRECT_SDP });
    await settled();
    clock.advance(1);
    expect([direct.length, direct[1]?.closedWith]).toEqual([2, null]);
  });

  it('is not disturbed where another one is about to open', async () => {
    const link = await linked();
    link.canRestart = false;
    link.events.pathLost(true);
    await answered(direct[1]);
    clock.advance(1_000);
    link.events.pathFound();
    clock.advance(YIELD_MS);
    expect(direct.length).toBe(2);
  });
});

describe('a peer that comes into the room anew', () => {
  const replacing = async () => {
    const link = await linked();
    link.canRestart = false;
    link.events.pathLost(true);
    return link;
  };

  it('is waited for, as it offers by itself, and offered a connection when it does not', async () => {
    await replacing();
    connector.joined(false);
    clock.advance(YIELD_MS - 1);
    expect(direct.length).toBe(2);
    clock.advance(1);
    expect(direct.length).toBe(3);
  });

  it('is answered, though this side’s offer would win: what was signaled to it before is lost', async () => {
    await replacing();
    await settled();
    connector.joined(false);
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce: new Uint8Array(16), sdp: DIRECT_SDP });
    await settled();
    expect([direct[1]?.closedWith, signaled.at(-1)]).toEqual(['it has come in anew.', 'answer']);
  });

  it('hears at once from a device that comes in itself', async () => {
    await replacing();
    connector.reentered();
    expect(direct.length).toBe(3);
  });
});

describe('an attempt that has a path when this device comes into the room anew', () => {
  it('is made again after two seconds, though the network changes once more meanwhile', async () => {
    connector.offer();
    connector.trustAttempt();
    clock.advance(1_000);
    connector.networkChanged();
    clock.advance(1_000);
    expect(direct.length).toBe(2);
  });
});
