import { ManualClock, seededRandom } from '@innmesh/kit';
import { encodeLinkMessage, PROTOCOL_VERSION, type RelayMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { RelayMeters } from '../link/relay-meter.ts';
import type { Transport } from '../link/transport.ts';
import type { Trust } from '../trust/trust.ts';
import type { Beginnings } from './beginnings.ts';
import { Connector, type ConnectorEvents } from './connector.ts';
import type { Beginning } from './first-offer.ts';
import { LinkRepair } from './link-repair.ts';
import { OfferLimits } from './offer-limits.ts';
import { Peer } from './peer.ts';
import type { RepairAction } from './repair.ts';
import { DIRECT_SDP, FakeTransport, RELAYED_SDP } from './test-support/fake-transport.ts';

const [OWN, OTHER, THIRD] = ['A', 'E', 'I'].map((each) => each.repeat(43)) as [string, string, string];
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

let clock: ManualClock;
let peer: Peer;
let direct: FakeTransport[];
let relayed: FakeTransport[];
/** Of links through the server, to be loaded. */
let code: PromiseWithResolvers<void>;
/** Since when messages for the peer wait. */
let awaitedSinceMs: number | null;
let isStopped: boolean;
let isWanted: boolean;
/** The platform has none to give. */
let cannotBegin: boolean;
/** Others of the room. */
let others: Peer[];
let signaled: string[];
let acts: RepairAction[];
/** Of whom the signals are that peers have brought. */
let handled: string[];
/** What the application is told. */
let told: string[];
let connector: Connector;

beforeEach(() => {
  clock = new ManualClock();
  peer = new Peer(OTHER, { type: 'staff', name: 'n', capabilities: [] });
  peer.slot = 1;
  code = Promise.withResolvers();
  [direct, relayed, signaled, acts, told, handled, others] = [[], [], [], [], [], [], []];
  [awaitedSinceMs, isStopped, isWanted, cannotBegin] = [null, false, true, false];
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
    heard: none,
    failed: none,
  };
  connector = new Connector(
    peer,
    {
      clock,
      random: seededRandom(1),
      tenantId: 'hotel',
      trust: { peerId: OWN, prove: async () => proof, verify: async () => ({ role: 'staff' }) } as unknown as Trust,
      keepaliveMs: 30_000,
      iceServers: () => [],
      relayed: new RelayMeters(),
      hello: () => ({ type: 'hello', journals: [] }),
      beginnings: beginnings(),
      offerLimits: { direct: new OfferLimits(clock), relayed: new OfferLimits(clock) },
      keeper: { wants: () => isWanted, owes: () => false },
      signals: { send: (_, { type }) => signaled.push(type), handle: ({ from }) => handled.push(from) },
      relay: {
        isOffered: true,
        load: async () => {
          await code.promise;
          return beginRelayed;
        },
      },
      peers: () => [peer, ...others],
      isAwaited: (_, forMs = 0) => awaitedSinceMs !== null && clock.monotonicMs() - awaitedSinceMs >= forMs,
      isStopped: () => isStopped,
      ended: none,
      log: none,
    },
    events,
  );
});

function beginRelayed(_: unknown, attempt: number): Transport {
  const transport = new FakeTransport(true, attempt);
  relayed.push(transport);
  return transport as unknown as Transport;
}

function beginnings(): Beginnings {
  let attempt = 0;
  const of = (transport: unknown, number: number) =>
    ({ attempt: number, nonce: new Uint8Array(16), transport }) as Beginning;
  const begin = (number: number) => {
    if (cannotBegin) throw new Error('Cannot create so many PeerConnections.');
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

/** Another device of the house, as the link to it stands. */
const other = (links: Partial<Link>[], isReached: boolean, role = 'staff') => {
  const all = links.map((link) => Object.assign(link, { condition: { silentMs: 0 } }));
  return { isReached, party: { role }, link: all[0], links: { all } } as unknown as Peer;
};

describe('an attempt through the server', () => {
  it('is not made where a direct link has come to stand while the code for it was loaded', async () => {
    connector.offer();
    clock.advance(PATIENCE_MS);
    await greeted(direct[0]);
    direct[0]?.say(HELLO);
    code.resolve();
    await settled();
    expect([told, relayed]).toEqual([['linked'], []]);
  });

  it('is made beside one that the other side has begun, too: only this one may need it', async () => {
    code.resolve();
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce: new Uint8Array(16), sdp: DIRECT_SDP });
    clock.advance(PATIENCE_MS - 1);
    await settled();
    expect(relayed.length).toBe(0);
    clock.advance(1);
    await settled();
    expect([relayed.length, direct[0]?.closedWith]).toEqual([1, null]);
  });

  it('is made for what waits for the peer, though none was needed when its link was first looked for', async () => {
    code.resolve();
    others = [other([{ isRelayed: false }], true)];
    connector.offer();
    clock.advance(10_000);
    await settled();
    awaitedSinceMs = clock.monotonicMs();
    connector.expectLink();
    clock.advance(2_000);
    await settled();
    expect(relayed.length).toBe(0);
    clock.advance(1_000);
    await settled();
    expect([relayed.length, direct.length]).toEqual([1, 1]);
  });

  it('is made where none does', async () => {
    connector.offer();
    clock.advance(PATIENCE_MS);
    code.resolve();
    await settled();
    expect([relayed.length, signaled]).toEqual([1, ['offer', 'offer']]);
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

/** Another connection is made in place of the link. */
async function replacing(): Promise<FakeTransport> {
  const link = await linked();
  link.canRestart = false;
  link.events.pathLost(true);
  return link;
}

describe('an attempt beside a link that works again', () => {
  it('is given up', async () => {
    const link = await replacing();
    const next = await answered(direct[1]);
    link.say(PING);
    expect([next.closedWith, link.closedWith]).toEqual(['the link works again.', null]);
  });

  it('is not given up where this side has greeted on it: it may be the other side’s link by now', async () => {
    const link = await replacing();
    const next = await greeted(direct[1]);
    link.say(PING);
    next.say(HELLO);
    expect([next.closedWith, told]).toEqual([null, ['linked', 'relinked']]);
    clock.advance(1_000);
    expect(link.closedWith).toBe('another connection has taken its place.');
  });

  it('takes the place of the link that ends just then, and nobody hears of it', async () => {
    const link = await replacing();
    const next = await greeted(direct[1]);
    link.close('the other side closed its channel.');
    next.say(HELLO);
    expect(told).toEqual(['linked', 'relinked']);
  });

  it('and not answered yet is no link: the application hears of the end of the one that stood', async () => {
    const link = await replacing();
    link.close('the other side closed its channel.');
    expect(told).toEqual(['linked', 'unlinked']);
  });

  it('that fails after the link has ended is the end of it, which the application hears of once', async () => {
    const link = await replacing();
    const next = await greeted(direct[1]);
    link.close('the other side closed its channel.');
    expect(told).toEqual(['linked']);
    next.close('it failed.');
    expect(told).toEqual(['linked', 'unlinked']);
  });
});

describe('the server, beside a link that has been silent for three seconds', () => {
  const RELAYED_PATIENCE_MS = 300;
  const silent = async () => {
    code.resolve();
    const link = await linked();
    clock.advance(3_000);
    link.events.pathLost(true);
    return link;
  };
  const untilRelayed = async () => {
    clock.advance(RELAYED_PATIENCE_MS);
    await settled();
  };
  it('is asked to carry one where no direct one stands soon', async () => {
    await silent();
    clock.advance(RELAYED_PATIENCE_MS - 1);
    await settled();
    expect(relayed).toEqual([]);
    clock.advance(1);
    await settled();
    expect([relayed.length, direct[1]?.closedWith]).toEqual([1, null]);
  });

  it('carries the link until the direct attempt, which goes on, has come to stand', async () => {
    const link = await silent();
    await untilRelayed();
    const through = await greeted(relayed[0]);
    through.say(HELLO);
    expect([told, peer.link?.isRelayed, direct[1]?.closedWith]).toEqual([['linked', 'relinked'], true, null]);
    (await greeted(direct[1])).say(HELLO);
    clock.advance(1_000);
    expect([told.length, peer.link?.isRelayed]).toEqual([3, false]);
    const taken = 'another connection has taken its place.';
    expect([link.closedWith, through.closedWith]).toEqual([taken, taken]);
  });

  it('carries nothing where the direct attempt is faster, or the link works again', async () => {
    await silent();
    await untilRelayed();
    (await greeted(direct[1])).say(HELLO);
    expect(relayed[0]?.closedWith).toBe('a direct link stands.');
    direct[1]?.events.pathLost(true);
    direct[1]?.say(PING);
    await untilRelayed();
    expect(relayed.length).toBe(1);
  });

  it('carries nothing that is not wanted any more, as the link works again', async () => {
    const link = await silent();
    await untilRelayed();
    link.say(PING);
    const works = 'the link works again.';
    expect([relayed[0]?.closedWith, direct[1]?.closedWith]).toEqual([works, works]);
  });

  it('may fail to, and the direct attempt has its time all the same', async () => {
    await silent();
    await untilRelayed();
    relayed[0]?.close('it failed.');
    clock.advance(4_000);
    expect(direct.map(({ closedWith }) => closedWith)).toEqual([null, null]);
  });

  it('is asked by the other side, too, and the link and the direct attempt beside it are left alone', async () => {
    const link = await silent();
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce: new Uint8Array(16), sdp: RELAYED_SDP });
    await settled();
    expect([relayed[0]?.attempt, link.closedWith, direct[1]?.closedWith]).toEqual([77, null, null]);
  });

  it('is not asked where another device is reached, who hands on what there is', async () => {
    others = [other([{ isRelayed: false }], true)];
    await silent();
    await untilRelayed();
    expect(relayed).toEqual([]);
  });

  it('is asked all the same for what has not arrived after two seconds', async () => {
    others = [other([{ isRelayed: false }], true)];
    await silent();
    awaitedSinceMs = clock.monotonicMs();
    await untilRelayed();
    expect(relayed).toEqual([]);
    clock.advance(2_000);
    await settled();
    expect(relayed.length).toBe(1);
  });

  it('is asked for two devices, and no more: those hand on what there is for the others', async () => {
    const attempt = { isRelayed: true, isOpening: true, hasOffered: true, ageMs: 0 };
    const asked = () => other([{ isRelayed: false }, attempt], false);
    others = [asked(), other([{ isRelayed: true }], true)];
    await silent();
    await untilRelayed();
    expect(relayed).toEqual([]);
    // It has not answered.
    attempt.ageMs = 2_000;
    clock.advance(2_000);
    await settled();
    expect(relayed.length).toBe(1);
  });

  /** Where this device is at another access point, and the link's path is looked for. */
  const moved = async () => {
    code.resolve();
    const link = await linked();
    connector.networkChanged();
    clock.advance(500);
    link.events.pathLost(false);
    await untilRelayed();
    return link;
  };

  it('is asked as soon for one that has just fallen silent, where this device is at another access point', async () => {
    await moved();
    expect(relayed.length).toBe(1);
  });

  it('is not needed any more where the path is found', async () => {
    const link = await moved();
    link.say(PING);
    expect([relayed[0]?.closedWith, link.closedWith]).toEqual(['the link works again.', null]);
  });

  it('stands in for a path that is looked for, while a direct connection is made anew', async () => {
    const link = await moved();
    (await greeted(relayed[0])).say(HELLO);
    expect([direct.length, told]).toEqual([2, ['linked', 'relinked']]);
    clock.advance(1_000);
    expect([link.closedWith, peer.link?.isRelayed]).toEqual(['another connection has taken its place.', true]);
    (await greeted(direct[1])).say(HELLO);
    expect(peer.link?.isRelayed).toBe(false);
  });

  it('is left soon for a network on which there may be a direct way', async () => {
    await silent();
    await untilRelayed();
    const through = await greeted(relayed[0]);
    through.say(HELLO);
    const untilTried = () => {
      const { length } = direct;
      let passedMs = 0;
      for (; direct.length === length && passedMs < 400_000; passedMs += 500) {
        through.say(PING);
        clock.advance(500);
      }
      return passedMs;
    };
    for (let attempt = 1; attempt < 3; attempt++) {
      direct[attempt]?.close('it failed.');
      untilTried();
    }
    // One that hangs, perhaps since before.
    clock.advance(2_000);
    connector.networkChanged();
    expect([direct.length, direct[3]?.closedWith]).toEqual([5, 'another attempt takes its place.']);
    direct[4]?.close('it failed.');
    expect(untilTried()).toBeLessThanOrEqual(15_000);
  });

  it('is left later where the platform makes no connection now', async () => {
    await silent();
    await untilRelayed();
    const through = await greeted(relayed[0]);
    through.say(HELLO);
    cannotBegin = true;
    direct[1]?.close('it failed.');
    for (let passedMs = 0; passedMs < 20_000; passedMs += 500) {
      through.say(PING);
      clock.advance(500);
    }
    cannotBegin = false;
    for (let passedMs = 0; passedMs < 60_000; passedMs += 500) {
      through.say(PING);
      clock.advance(500);
    }
    expect([direct.length > 2, told]).toEqual([true, ['linked', 'relinked']]);
  });

  it('has three seconds otherwise', async () => {
    code.resolve();
    const link = await linked();
    clock.advance(500);
    link.events.pathLost(false);
    clock.advance(2_499);
    await settled();
    expect(relayed.length).toBe(0);
    clock.advance(1);
    await settled();
    expect(relayed.length).toBe(1);
  });

  it('is asked though others are reached, or ask themselves, that hand nothing on', async () => {
    const guests = { isRelayed: true, isOpening: true, hasOffered: false, ageMs: 0 };
    others = [other([{ isRelayed: false }], true, 'printer'), other([guests], false), other([guests], false)];
    await silent();
    await untilRelayed();
    expect(relayed.length).toBe(1);
  });

  it('is not asked again while what was begun, here or there, has its time', async () => {
    await silent();
    await untilRelayed();
    connector.networkChanged();
    await untilRelayed();
    expect(relayed.map(({ closedWith }) => closedWith)).toEqual([null]);
    await greeted(relayed[0]);
    clock.advance(4_000);
    connector.networkChanged();
    await untilRelayed();
    expect(relayed.map(({ closedWith }) => closedWith)).toEqual([null]);
  });

  it('is asked again at once where this device has come in anew: what was signaled is lost', async () => {
    await silent();
    await untilRelayed();
    connector.reentered();
    await untilRelayed();
    expect(relayed.map(({ closedWith }) => closedWith)).toEqual(['this device has come in anew.', null]);
  });

  it('is not asked where the direct attempt has a path', async () => {
    await silent();
    await answered(direct[1]);
    await untilRelayed();
    expect(relayed).toEqual([]);
  });

  it('may end before the direct attempt has come to stand, and nobody hears of it', async () => {
    await silent();
    await untilRelayed();
    const through = await greeted(relayed[0]);
    through.say(HELLO);
    clock.advance(1_000);
    through.close('the server hands on no more frames at this rate.');
    expect(told).toEqual(['linked', 'relinked']);
    (await greeted(direct[1])).say(HELLO);
    expect(told).toEqual(['linked', 'relinked', 'relinked']);
  });

  it('may end, and the direct attempt come to nothing: that is heard of', async () => {
    await silent();
    await untilRelayed();
    const through = await greeted(relayed[0]);
    through.say(HELLO);
    clock.advance(1_000);
    through.close('the server hands on no more frames at this rate.');
    direct[1]?.close('it did not open.');
    expect(told).toEqual(['linked', 'relinked', 'unlinked']);
  });

  it.each([
    ['the peer', 'it has come in anew.', () => connector.joined(false)],
    ['this device', 'this device has come in anew.', () => connector.reentered()],
  ])(
    'waits for no direct attempt for ever: where %s comes in anew, another one is made later',
    async (_, reason, comeIn) => {
      await silent();
      await untilRelayed();
      const through = await greeted(relayed[0]);
      through.say(HELLO);
      direct[1]?.close('it failed.');
      const pass = (ms: number) => {
        for (let passedMs = 0; passedMs < ms; passedMs += 500) {
          through.say(PING);
          clock.advance(500);
        }
      };
      pass(15_000);
      expect(direct.length).toBe(3);
      await settled();
      comeIn();
      expect(direct[2]?.closedWith).toBe(reason);
      pass(30_000);
      expect([direct.length, told]).toEqual([4, ['linked', 'relinked']]);
    },
  );

  it('is asked as soon where the link has been given up meanwhile', async () => {
    code.resolve();
    const link = await linked();
    clock.advance(13_000);
    link.close('nothing came from it any more.');
    connector.offer();
    await untilRelayed();
    expect(relayed.length).toBe(1);
  });

  it('is not thought to carry the link on for somebody who has come in anew and does not answer', async () => {
    await silent();
    await untilRelayed();
    const through = await greeted(relayed[0]);
    through.say(HELLO);
    connector.joined(true);
    clock.advance(3_000);
    await settled();
    expect(through.closedWith).toBe('it came in anew and does not answer.');
  });

  it('leaves the direct attempt alone that finds its path as the network changes', async () => {
    await silent();
    await untilRelayed();
    (await greeted(relayed[0])).say(HELLO);
    connector.networkChanged();
    expect(direct.length).toBe(2);
    await answered(direct[1]);
    clock.advance(3_000);
    connector.networkChanged();
    expect(direct[1]?.closedWith).toBe(null);
  });
});

describe('what the peer says for a link on one whose place another has taken', () => {
  it('is older than that one, and not heard', async () => {
    const link = await linked();
    const signal = { type: 'signal' as const, id: 1, from: OTHER, to: THIRD, hops: 1, frame: new Uint8Array(1) };
    link.say(encodeLinkMessage(signal));
    expect(handled).toEqual([OTHER]);
    link.canRestart = false;
    link.events.pathLost(true);
    (await greeted(direct[1])).say(HELLO);
    link.say(encodeLinkMessage(signal));
    link.say(encodeLinkMessage({ ...signal, from: THIRD }));
    expect(handled).toEqual([OTHER, THIRD]);
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

  it('is not given up for one that came before it, of which another copy comes late', async () => {
    await offered();
    const take = async (attempt: number) => {
      connector.signaled({ type: 'offer', peer: 1, attempt, nonce, sdp: DIRECT_SDP });
      await settled();
    };
    await take(78);
    await take(77);
    expect([direct.length, direct[2]?.attempt, direct[2]?.closedWith]).toEqual([3, 78, null]);
  });

  it('is not taken up by a device that leaves', async () => {
    await linked();
    isStopped = true;
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce, sdp: DIRECT_SDP });
    expect(direct.length).toBe(1);
  });

  it('is taken up though offers through the server are more than it may make', async () => {
    await linked();
    for (let attempt = 100; attempt < 120; attempt++) {
      connector.signaled({ type: 'offer', peer: 1, attempt, nonce, sdp: RELAYED_SDP });
    }
    connector.signaled({ type: 'offer', peer: 1, attempt: 77, nonce, sdp: DIRECT_SDP });
    await settled();
    expect(direct[1]?.attempt).toBe(77);
  });

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

describe('what a diagnosis is told of attempts that failed', () => {
  const failed = async () => {
    connector.offer();
    await settled();
    direct.at(-1)?.close('it did not open within 15 s.');
    expect(peer.lastFailure).toMatchObject({ reason: 'it did not open within 15 s.', wasOpen: false });
  };

  it('is over when a link opens', async () => {
    await failed();
    connector.offer();
    const transport = await greeted(direct[1]);
    transport.say(HELLO);
    expect([told, peer.lastFailure]).toEqual([['linked'], null]);
  });

  it('is nothing of those beside a link that stands', async () => {
    await replacing();
    direct[1]?.close('it did not open within 15 s.');
    expect(peer.lastFailure).toBeNull();
  });

  it('is over when no link to the peer is wanted any more', async () => {
    await failed();
    isWanted = false;
    clock.advance(1_000);
    expect([direct.length, peer.lastFailure]).toEqual([1, null]);
  });
});

describe('a peer that comes into the room anew', () => {
  const offer: RelayMessage = { type: 'offer', peer: 1, attempt: 77, nonce: new Uint8Array(16), sdp: DIRECT_SDP };

  it('is answered where its offer comes with the news, though timers are late', async () => {
    const setTimer = clock.setTimer.bind(clock);
    clock.setTimer = (callback, delayMs) => setTimer(callback, delayMs + 1);
    await replacing();
    connector.joined(false);
    connector.signaled(offer);
    await settled();
    clock.advance(YIELD_MS + 1);
    expect([direct.length, direct[2]?.attempt, direct[2]?.closedWith]).toEqual([3, 77, null]);
  });

  it('goes on with what it has offered by way of others already', async () => {
    connector.signaled(offer);
    await settled();
    clock.advance(100);
    connector.joined(false);
    connector.signaled(offer);
    await settled();
    expect([direct.length, direct[0]?.closedWith, signaled]).toEqual([1, null, ['answer']]);
    clock.advance(2_000);
    expect([direct.length, direct[0]?.closedWith]).toEqual([2, 'another attempt takes its place.']);
  });

  it('gives up what it offered some time ago', async () => {
    connector.signaled(offer);
    await settled();
    clock.advance(2_000);
    connector.joined(false);
    expect(direct[0]?.closedWith).toBe('it has come in anew.');
  });

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

  it('is not offered another one besides, where this device’s own network has changed meanwhile', async () => {
    await replacing();
    connector.joined(false);
    clock.advance(YIELD_MS - 1);
    connector.networkChanged();
    clock.advance(1);
    expect(direct.length).toBe(3);
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
