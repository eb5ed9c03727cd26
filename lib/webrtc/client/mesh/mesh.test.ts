import { ManualClock, seededRandom } from '@innmesh/kit';
import { type EntitlementRules, Entitlements, type RelayMessage, writeRelayedDescription } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Link } from '../link/link.ts';
import { RelayMeters } from '../link/relay-meter.ts';
import type { Transport } from '../link/transport.ts';
import type { Welcome } from '../signaling/signaling-socket.ts';
import type { Trust } from '../trust/trust.ts';
import { Mesh } from './mesh.ts';
import type { Peer } from './peer.ts';
import { FakeTransport } from './test-support/fake-transport.ts';

const ATTEMPT_TIMEOUT_MS = 15_000;

const device = { type: 'staff', name: 'n', capabilities: [] } as const;
const entry = (slot: number, peerId: string) => ({ slot, peerId, device: { ...device, capabilities: [] } });
const welcome = (...roster: ReturnType<typeof entry>[]): Welcome => {
  return {
    type: 'welcome',
    slot: 9,
    heartbeatMs: 1_000,
    roster,
    offeredTo: [],
    relay: [],
    credential: '',
    issuerKeys: '',
    turn: null,
  };
};
const SDP = 'v=0\r\na=fingerprint:sha-256 AA\r\n';
const nonce = new Uint8Array(16);

/** A connection that does what it is told and gets nowhere. */
class IdleConnection {
  isClosed = false;
  readonly iceServers: readonly RTCIceServer[];
  readonly answers: string[] = [];
  readonly candidates: unknown[] = [];
  localDescription = { sdp: SDP };
  constructor(iceServers: readonly RTCIceServer[]) {
    this.iceServers = iceServers;
  }
  setLocalDescription = async () => {};
  async setRemoteDescription({ type, sdp }: { type: string; sdp: string }): Promise<void> {
    if (type === 'answer') this.answers.push(sdp);
  }
  async addIceCandidate(candidate: unknown): Promise<void> {
    this.candidates.push(candidate);
  }
  createDataChannel = () => ({ readyState: 'connecting' });
  connectionState = 'connecting';
  iceConnectionState = 'checking';
  onconnectionstatechange = () => {};
  close(): void {
    this.isClosed = true;
  }
  fail(): void {
    this.connectionState = 'failed';
    this.onconnectionstatechange?.();
  }
}

let clock: ManualClock;
let connections: IdleConnection[];
let signaled: RelayMessage[];
let failures: Error[];
let left: string[];
let awaited: Set<string>;
/** Attempts at links through the server. */
let relayed: number[];
let carriesFrames: boolean;
let refuseConnections: boolean;
let iceServers: RTCIceServer[];
let whenDiscovered: () => void;
let mesh: Mesh;

beforeEach(() => {
  clock = new ManualClock();
  [connections, signaled, failures, left, refuseConnections] = [[], [], [], [], false];
  whenDiscovered = () => {};
  awaited = new Set();
  relayed = [];
  carriesFrames = false;
  iceServers = [];
  mesh = meshThat((role) => role !== 'guest');
});

function meshThat(
  mayLink: (role: string) => boolean,
  maxLinks = Number.POSITIVE_INFINITY,
  rules?: EntitlementRules,
): Mesh {
  const entitlements = new Entitlements(rules);
  return new Mesh(
    {
      tenantId: 'hotel',
      trust: { peerId: 'm', role: 'staff', mayLink, entitlements, prove: async () => ({}) } as unknown as Trust,
      clock,
      random: seededRandom(1),
      keepaliveMs: 30_000,
      maxLinks,
      isAwaited: (peerId) => awaited.has(peerId),
      iceServers: () => iceServers,
      relayed: new RelayMeters(),
      createPeerConnection: (servers) => {
        if (refuseConnections) throw new Error('too many connections');
        connections.push(new IdleConnection(servers));
        return connections.at(-1) as unknown as RTCPeerConnection;
      },
      hello: () => ({ type: 'hello', journals: [] }),
      signal: (message) => signaled.push(message) > 0,
      isPassing: () => false,
      relay: {
        get isOffered() {
          return carriesFrames;
        },
        load: async () => (_, attempt) => {
          relayed.push(attempt);
          const transport = new FakeTransport(true, attempt);
          queueMicrotask(() => transport.close('off.'));
          return transport as unknown as Transport;
        },
        handle: () => {},
        pause: () => {},
      },
      log: () => {},
    },
    {
      discovered: () => whenDiscovered(),
      peerJoined: () => {},
      peerLeft: ({ peerId }) => left.push(peerId),
      linked: () => {},
      unlinked: () => {},
      relinked: () => {},
      isolated: () => {},
      heard: () => {},
      replicated: () => {},
      closing: () => {},
      settled: async () => {},
      denied: () => {},
      failed: (error) => failures.push(error),
    },
  );
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
const offers = () => signaled.filter(({ type }) => type === 'offer');
const offerFrom = (peer: number, attempt: number): RelayMessage => ({ type: 'offer', peer, attempt, nonce, sdp: SDP });

describe('relays that the server lends', () => {
  const lent = [{ urls: 'turn:turn.example.com', username: 'u', credential: 'c' }];
  const renewed = [{ urls: 'turn:turn.example.com', username: 'v', credential: 'd' }];

  it('are known to each connection that an offer or answer is made with, not the ones before them [J15]', async () => {
    mesh.prepareNext();
    iceServers = lent;
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'b')));
    iceServers = renewed;
    mesh.handle({ type: 'joined', peer: entry(3, 'c') });
    mesh.handle(offerFrom(3, 1));
    await settled();
    const inUse = connections.filter(({ isClosed }) => !isClosed).map((each) => each.iceServers);
    expect([inUse, connections.length]).toEqual([[lent, lent, renewed], 4]);
  });

  /** The offer went along with the join, for `a`. */
  const joinWithOffer = async () => {
    mesh.prepare();
    await settled();
    expect(mesh.firstOffers()).toHaveLength(1);
    iceServers = lent;
    mesh.enterRoom({ ...welcome(entry(1, 'a')), offeredTo: [1] });
    clock.advance(1_999);
    await settled();
    expect([offers().length, connections.length]).toEqual([0, 1]);
  };

  it('are in a second offer where the one that went along with the join, before them, finds no way for two seconds', async () => {
    await joinWithOffer();
    clock.advance(1);
    await settled();
    expect(offers().map(({ peer }) => peer)).toEqual([1]);
    expect(connections.map(({ isClosed, iceServers: servers }) => [isClosed, servers])).toEqual([
      [true, []],
      [false, lent],
    ]);
  });

  it('take none of the three seconds after which the server is asked to carry the link', async () => {
    carriesFrames = true;
    await joinWithOffer();
    clock.advance(1_000);
    expect([offers().length, relayed.length]).toEqual([0, 0]);
    await settled();
    clock.advance(1);
    await settled();
    expect([offers().length, relayed.length]).toEqual([1, 1]);
    clock.advance(5_000);
    expect(relayed).toHaveLength(1);
  });

  it('are in the offers after the welcome, though one without them was ready, which went to nobody', async () => {
    mesh.prepare();
    await settled();
    iceServers = lent;
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    expect(connections.filter(({ isClosed }) => !isClosed).map((each) => each.iceServers)).toEqual([lent]);
  });

  it('are no reason for a second offer to whoever has left, nor for a timer that stays', async () => {
    await joinWithOffer();
    mesh.handle({ type: 'left', slot: 1 });
    expect(clock.pendingTimers).toBe(0);
    await settled();
    expect(offers()).toEqual([]);
  });
});

describe('a link through the server', () => {
  const sdp = writeRelayedDescription(new Uint8Array(65).fill(4));

  /** In steps of 50 ms, each of which ends what has begun. */
  const failFor = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      for (const connection of connections) connection.fail();
      clock.advance(50);
      await settled();
    }
  };

  it('is offered after three seconds without another, however soon the platform gives each attempt up', async () => {
    carriesFrames = true;
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    await failFor(2_950);
    expect([connections.length > 2, relayed.length]).toEqual([true, 0]);
    await failFor(50);
    expect(relayed.length).toBe(1);
  });

  it('is offered where the platform makes no connections at all', async () => {
    [carriesFrames, refuseConnections] = [true, true];
    mesh.enterRoom(welcome(entry(1, 'a')));
    await failFor(2_950);
    expect(relayed.length).toBe(0);
    await failFor(50);
    expect(relayed.length).toBe(1);
  });

  it('is offered again with each attempt, though the device’s clock is set back by an hour meanwhile', async () => {
    carriesFrames = true;
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    await failFor(3_000);
    clock.nowMs = () => clock.monotonicMs() - 3_600_000;
    await failFor(20_000);
    expect(relayed.length).toBeGreaterThan(1);
  });

  it('is left to whoever has come in anew, who offers by itself', async () => {
    carriesFrames = true;
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    clock.advance(2_900);
    mesh.handle({ type: 'joined', peer: entry(2, 'a') });
    clock.advance(60_000);
    await settled();
    expect(relayed).toEqual([]);
  });

  it('is offered to nobody who has left meanwhile, nor by whoever leaves or sleeps', async () => {
    carriesFrames = true;
    const ends = [() => mesh.handle({ type: 'left', slot: 1 }), () => mesh.closeLinks(), () => mesh.stop()];
    for (const end of ends) {
      mesh.enterRoom(welcome(entry(1, 'a')));
      await settled();
      // Between two attempts.
      connections.at(-1)?.fail();
      end();
      expect(clock.pendingTimers).toBe(0);
      await failFor(5_000);
    }
    expect(relayed).toEqual([]);
  });

  it('is begun once, though its offer comes from the server and from a peer', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    for (let count = 0; count < 2; count++) mesh.handle({ ...offerFrom(1, 7), sdp } as RelayMessage);
    await settled();
    expect(relayed).toEqual([7]);
    mesh.handle({ ...offerFrom(1, 8), sdp } as RelayMessage);
    await settled();
    expect(relayed).toEqual([7, 8]);
  });
});

describe('the newcomer', () => {
  it('offers a link to everyone who is there, and whoever is there waits for it [L1]', async () => {
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'z')));
    mesh.handle({ type: 'joined', peer: entry(3, 'b') });
    await settled();
    expect(offers().map(({ peer }) => peer)).toEqual([1, 2]);
  });

  it('neither offers a link to a device of a role that it has nothing to say to, nor takes one up [R6]', async () => {
    const guest = { ...entry(4, 'g'), device: { type: 'guest' as const, name: 'n', capabilities: [] } };
    mesh.enterRoom({ ...welcome(), roster: [guest] });
    mesh.handle({ type: 'joined', peer: guest });
    mesh.handle(offerFrom(4, 7));
    await settled();
    expect([signaled, mesh.peers()]).toEqual([[], []]);
  });

  it('takes up no offer that asks for more than data channels: the answer might be longer than the server takes [W4]', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    signaled.length = 0;
    const section = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n';
    const offer = { type: 'offer' as const, peer: 1, attempt: 7, nonce };
    mesh.handle({ ...offer, sdp: `${SDP}${section}m=audio 0 RTP/SAVPF 0\r\n` });
    await settled();
    expect([signaled, failures.at(-1)?.message]).toEqual([[], expect.stringContaining('more than data channels')]);
    mesh.handle({ ...offer, attempt: 8, sdp: `${SDP}${section}` });
    await settled();
    expect(signaled.map(({ type }) => type)).toEqual(['answer']);
  });

  it('makes the first offer while a server is being reached, and gives it up where nobody is there', async () => {
    mesh.prepare();
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'z')));
    await settled();
    expect([connections.map(({ isClosed }) => isClosed), offers().length]).toEqual([[false, false], 2]);
    mesh.prepare();
    mesh.enterRoom(welcome());
    mesh.prepare();
    mesh.prepare();
    mesh.stop();
    await settled();
    expect(connections.slice(2).map(({ isClosed }) => isClosed)).toEqual([true, true]);
  });

  it('does not offer again to the one device that was handed the offer which came along with the join [L1]', async () => {
    mesh.prepare();
    await settled();
    const [first] = mesh.firstOffers();
    mesh.enterRoom({ ...welcome(entry(1, 'a'), entry(2, 'z')), offeredTo: [2] });
    await settled();
    expect(offers().map(({ peer }) => peer)).toEqual([1]);
    expect(mesh.peer('z')?.link?.attempt).toBe(first?.attempt);
    const { attempt = 0 } = first ?? {};
    mesh.handle({ type: 'answer', peer: 2, attempt, nonce, sdp: SDP });
    await settled();
    expect(connections.map(({ answers }) => answers.length)).toEqual([1, 0]);
  });

  it('offers to everyone itself where the server names somebody who is not there, or nobody [L1]', async () => {
    for (const offeredTo of [[7], []]) {
      signaled.length = 0;
      mesh.prepare();
      await settled();
      expect(mesh.firstOffers().length).toBe(1);
      mesh.enterRoom({ ...welcome(entry(1, 'a'), entry(2, 'z')), offeredTo });
      await settled();
      expect(offers().map(({ peer }) => peer)).toEqual([1, 2]);
      mesh.enterRoom(welcome());
    }
  });

  it('has a connection ready where nobody is there yet, but not where the application left on hearing that', async () => {
    mesh.enterRoom(welcome());
    expect(connections.length).toBe(1);
    mesh.handle({ type: 'joined', peer: entry(1, 'a') });
    mesh.handle(offerFrom(1, 77));
    expect(connections.length).toBe(1);
    mesh.stop();
    mesh.enterRoom(welcome());
    expect(connections.length).toBe(1);
  });

  it('sends no offer along with its join while it has links, which the server might have it replace [L1]', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    mesh.prepare();
    await settled();
    expect([mesh.firstOffers(), connections.length]).toEqual([[], 1]);
  });

  it('keeps the link that stands with a device to which the server says that it handed the offer [L1]', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    const peer = mesh.peer('a') as Peer;
    const standing = { isOpen: true, discard: () => {} } as unknown as Link;
    peer.links.begin(standing);
    mesh.prepare();
    await settled();
    mesh.enterRoom({ ...welcome(entry(1, 'a')), offeredTo: [1] });
    expect(peer.link).toBe(standing);
  });

  it('has a connection ready for the next offer, and no more than one', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    mesh.prepareNext();
    mesh.prepareNext();
    expect(connections.length).toBe(2);
    mesh.handle(offerFrom(1, 77));
    await settled();
    expect(connections.length).toBe(2);
    mesh.prepareNext();
    mesh.stop();
    expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });

  it('offers nothing where the application disconnects on hearing who is there', async () => {
    whenDiscovered = () => mesh.stop();
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    expect([connections.length, signaled, clock.pendingTimers]).toEqual([0, [], 0]);
  });
});

describe('a device that keeps eight links', () => {
  const MAX_LINKS = 8;
  const crowd = Array.from({ length: 40 }, (_, index) => entry(index + 1, `staff ${index}`));
  const offered = () => offers().map(({ peer }) => peer);

  beforeEach(async () => {
    mesh = meshThat(() => true, MAX_LINKS);
    mesh.enterRoom(welcome(...crowd));
    await settled();
  });

  it('offers to those it has chosen, and lists all', () => {
    expect([offered().length, mesh.peers().length]).toEqual([6, 40]);
  });

  it('offers to whom something is sent, once, and to nobody who is not there', async () => {
    const stranger = crowd.find(({ slot }) => !offered().includes(slot));
    for (let count = 0; count < 3; count++) {
      mesh.reach(stranger?.peerId ?? '');
      await settled();
    }
    mesh.reach('nobody');
    await settled();
    expect(offered().slice(6)).toEqual([stranger?.slot]);
  });

  it('waits for the offer of a newcomer, and offers itself after that, by turns of about five seconds', async () => {
    await mesh.stop();
    mesh = meshThat(() => true, MAX_LINKS);
    signaled.length = 0;
    mesh.enterRoom(welcome(entry(1, 'a')));
    mesh.handle({ type: 'joined', peer: entry(50, 'newcomer') });
    clock.advance(2_900);
    await settled();
    expect(offered()).toEqual([1]);
    clock.advance(10_000);
    await settled();
    expect(offered()).toEqual([1, 50]);
  });

  it('that leaves leaves no timer', async () => {
    await mesh.stop();
    mesh = meshThat(() => true, MAX_LINKS);
    mesh.enterRoom(welcome());
    mesh.handle({ type: 'joined', peer: entry(50, 'newcomer') });
    const before = clock.pendingTimers;
    await mesh.stop();
    expect(before - clock.pendingTimers).toBe(2);
  });

  it('that reaches nobody offers to whoever comes, which may know of others and choose those', async () => {
    await mesh.stop();
    mesh = meshThat(() => true, MAX_LINKS);
    signaled.length = 0;
    mesh.enterRoom(welcome());
    for (const slot of [50, 51]) mesh.handle({ type: 'joined', peer: entry(slot, `newcomer ${slot}`) });
    clock.advance(299);
    await settled();
    expect(offered()).toEqual([]);
    clock.advance(1);
    await settled();
    expect(offered()).toEqual([50]);
    mesh.handle({ type: 'joined', peer: entry(52, 'newcomer 52') });
    clock.advance(300);
    await settled();
    expect(offered()).toEqual([50]);
  });

  it('offers at once to a newcomer for whom something waits and whom it does not choose', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `newcomer ${index}`);
    for (const name of names) awaited.add(name);
    for (const [index, name] of names.entries()) mesh.handle({ type: 'joined', peer: entry(100 + index, name) });
    await settled();
    const late = offered().slice(6);
    expect([late.length > 10, late.length < 20]).toEqual([true, true]);
  });

  it('gives up a link that a device which came in anew does not answer on: it may have lost it', async () => {
    const drops: string[] = [];
    const roundTrip = { probe: async (): Promise<boolean> => false };
    const standing = { isOpen: true, roundTrip, drop: (reason: string) => drops.push(reason) } as unknown as Link;
    const [first] = crowd;
    mesh.peer(first?.peerId ?? '')?.links.begin(standing);
    mesh.handle({ type: 'joined', peer: entry(70, first?.peerId ?? '') });
    await settled();
    roundTrip.probe = async () => true;
    mesh.handle({ type: 'joined', peer: entry(71, first?.peerId ?? '') });
    await settled();
    expect(drops).toEqual(['it came in anew and does not answer.']);
  });

  it('gives up an attempt that nobody wants any more', async () => {
    const stranger = crowd.find(({ slot }) => !offered().includes(slot));
    awaited.add(stranger?.peerId ?? '');
    mesh.reach(stranger?.peerId ?? '');
    await settled();
    awaited.clear();
    clock.advance(120_000);
    await settled();
    expect(offered().filter((slot) => slot === stranger?.slot).length).toBe(1);
  });

  it('keeps one to each where the rules part the house: rings would be others for others', async () => {
    const apart: EntitlementRules = {
      ...Object.fromEntries(['order', 'print', 'notification', 'room-assignment'].map((type) => [type, []])),
    };
    const rules = {
      ...apart,
      'iot-command': [],
      'sync-request': [],
      'sync-response': [],
      'x-*': [{ writers: ['staff'], readers: ['staff', 'pos'] }],
    } satisfies EntitlementRules;
    mesh = meshThat(() => true, MAX_LINKS, rules);
    signaled.length = 0;
    mesh.enterRoom(welcome(...crowd));
    await settled();
    expect(offered().length).toBe(40);
  });

  it('has no timer left when it is stopped', async () => {
    await mesh.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a device that links to all', () => {
  it('waits for the offer of a newcomer, though something is sent to it', async () => {
    mesh.enterRoom(welcome());
    mesh.handle({ type: 'joined', peer: entry(1, 'a') });
    mesh.reach('a');
    await settled();
    expect(offers()).toEqual([]);
  });
});

describe('two offers that cross', () => {
  beforeEach(async () => {
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'z')));
    await settled();
  });

  it("the other's wins where its id is smaller: this one is given up and the other answered", async () => {
    mesh.handle(offerFrom(1, 77));
    await settled();
    expect(connections[0]?.isClosed).toBe(true);
    expect(signaled.at(-1)).toMatchObject({ type: 'answer', peer: 1, attempt: 77 });
  });

  it("one's own wins where one's id is smaller: the other is not answered", async () => {
    mesh.handle(offerFrom(2, 77));
    await settled();
    expect([connections[1]?.isClosed, signaled.length]).toEqual([false, 2]);
  });

  it('do so no more once one is answered: whoever offers after that has given the answered one up [L1]', async () => {
    const [, offer] = offers() as [RelayMessage, RelayMessage];
    mesh.handle(offerFrom(2, 77));
    mesh.handle({ ...offer, type: 'answer', nonce, sdp: SDP });
    await settled();
    mesh.handle(offerFrom(2, 77));
    await settled();
    expect(connections[1]?.isClosed, 'by the one that gave way before and comes by a second way').toBe(false);
    mesh.handle(offerFrom(2, 78));
    await settled();
    expect(connections[1]?.isClosed).toBe(true);
    expect(signaled.at(-1)).toMatchObject({ type: 'answer', peer: 2, attempt: 78 });
  });

  it('the other is answered in any case once the other device has come in anew: it never saw this one', async () => {
    mesh.handle({ type: 'joined', peer: entry(5, 'z') });
    mesh.handle(offerFrom(5, 77));
    await settled();
    expect(connections[1]?.isClosed).toBe(true);
    expect(signaled.at(-1)).toMatchObject({ type: 'answer', peer: 5, attempt: 77 });
    expect([left, failures]).toEqual([[], []]);
  });
});

describe('an attempt', () => {
  beforeEach(async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
  });

  it.each([
    ['this device', () => mesh.enterRoom(welcome(entry(1, 'a')))],
    ['the other', () => mesh.handle({ type: 'joined', peer: entry(5, 'a') })],
  ])('that has a path goes on, though %s comes into the room anew; one without begins again', async (_, comeIn) => {
    const [connection] = connections as [IdleConnection];
    connection.iceConnectionState = 'connected';
    comeIn();
    await settled();
    expect([connection.isClosed, offers().length]).toEqual([false, 1]);
    connection.iceConnectionState = 'checking';
    comeIn();
    await settled();
    expect(connection.isClosed).toBe(true);
  });
});

describe('an attempt that has a path when this device comes into the room anew', () => {
  it('is made anew where it does not open: the other end may have given it up', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    (connections[0] as IdleConnection).iceConnectionState = 'connected';
    mesh.enterRoom(welcome(entry(1, 'a')));
    clock.advance(2_000);
    await settled();
    expect([connections[0]?.isClosed, offers().length]).toEqual([true, 2]);
  });
});

describe('of offers that do not end', () => {
  const guestEntry = (slot: number) => {
    return { ...entry(slot, `guest ${slot}`), device: { type: 'guest' as const, name: 'n', capabilities: [] } };
  };

  it('ten of one device are taken up, and one more each five seconds, though it leaves and comes back [L16]', () => {
    for (let slot = 1; slot <= 30; slot++) {
      mesh.handle({ type: 'joined', peer: entry(slot, 'a') });
      mesh.handle(offerFrom(slot, slot));
      mesh.handle({ type: 'left', slot });
    }
    expect(connections.length).toBe(10);
    clock.advance(5_000);
    mesh.handle({ type: 'joined', peer: entry(31, 'a') });
    for (let attempt = 100; attempt < 110; attempt++) mesh.handle(offerFrom(31, attempt));
    expect(connections.length).toBe(11);
  });

  it('a hundred of guests are taken up, however many they are, and those of others still are [L16]', () => {
    mesh = meshThat(() => true);
    for (let slot = 1; slot <= 24; slot++) {
      mesh.handle({ type: 'joined', peer: guestEntry(slot) });
      for (let attempt = 0; attempt < 20; attempt++) mesh.handle(offerFrom(slot, attempt));
    }
    expect(connections.length).toBe(100);
    mesh.handle({ type: 'joined', peer: entry(50, 'till') });
    mesh.handle(offerFrom(50, 1));
    expect(connections.length).toBe(101);
  });
});

describe('an answer or a candidate', () => {
  it('of an earlier attempt does not meet the present one [L1]', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    const early = offers()[0]?.attempt ?? 0;
    clock.advance(ATTEMPT_TIMEOUT_MS + 500);
    await settled();
    const { attempt = 0 } = offers()[1] ?? {};
    expect(attempt).not.toBe(early);
    for (const each of [early, attempt]) {
      mesh.handle({ type: 'answer', peer: 1, attempt: each, nonce, sdp: `${SDP}of ${each}` });
      mesh.handle({ type: 'candidate', peer: 1, attempt: each, candidate: `of ${each}`, mid: '0' });
    }
    await settled();
    expect(connections.map(({ answers }) => answers)).toEqual([[], [`${SDP}of ${attempt}`]]);
    expect(connections[1]?.candidates).toEqual([{ candidate: `of ${attempt}`, sdpMid: '0' }]);
  });
});

describe('a device that leaves', () => {
  it('hears no more of who comes and what they offer', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    await settled();
    const stopped = mesh.stop();
    signaled.length = 0;
    mesh.handle({ type: 'joined', peer: entry(2, 'b') });
    mesh.handle(offerFrom(1, 7));
    await stopped;
    await settled();
    expect([mesh.peers(), signaled]).toEqual([[], []]);
  });
});

describe('an attempt that fails', () => {
  it('is told of and made again, each time after a longer pause, for as long as the other is there', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    clock.advance(5 * 60_000);
    await settled();
    expect(failures.length).toBeGreaterThan(6);
    expect(failures[0]).toMatchObject({ code: 'LINK_FAILED', peerId: 'a' });
    expect(connections.filter(({ isClosed }) => !isClosed).length).toBeLessThanOrEqual(1);
    mesh.handle({ type: 'left', slot: 1 });
    expect([left, clock.pendingTimers]).toEqual([['a'], 0]);
  });

  it('has another nonce and number each time [L1] [L2]', async () => {
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'b')));
    await settled();
    clock.advance(ATTEMPT_TIMEOUT_MS);
    clock.advance(30_000);
    await settled();
    const made = offers().map((offer) => ('nonce' in offer ? Buffer.from(offer.nonce).toString('hex') : ''));
    expect([made.length, made[0]?.length, new Set(made).size]).toEqual([4, 32, 4]);
    expect(new Set(offers().map((offer) => 'attempt' in offer && offer.attempt)).size).toBe(4);
  });

  it('because the platform makes no connection is told of and made again too', async () => {
    refuseConnections = true;
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'b')));
    expect(failures.map(({ message }) => message)).toEqual([
      expect.stringContaining('too many connections'),
      expect.stringContaining('too many connections'),
    ]);
    refuseConnections = false;
    clock.advance(500);
    await settled();
    expect(
      offers()
        .map(({ peer }) => peer)
        .toSorted(),
    ).toEqual([1, 2]);
  });

  it('leaves the next one in place: what takes the place of an attempt closes it without a retry or a late word', async () => {
    mesh.enterRoom(welcome(entry(1, 'a')));
    mesh.handle(offerFrom(1, 77));
    mesh.handle(offerFrom(1, 78));
    await settled();
    expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, true, false]);
    expect([failures, mesh.peer('a')?.link?.attempt]).toEqual([[], 78]);
    expect(signaled.map(({ type, attempt }) => [type, attempt])).toEqual([['answer', 78]]);
  });
});

describe('whoever is not in the room', () => {
  it('is forgotten: by its leaving, by a frame that did not reach it, or by the next roster', () => {
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'b'), entry(3, 'c')));
    mesh.handle({ type: 'left', slot: 1 });
    mesh.handle({ type: 'unreachable', slot: 2 });
    mesh.enterRoom(welcome());
    expect([left, mesh.peers(), clock.pendingTimers]).toEqual([['a', 'b', 'c'], [], 0]);
    expect(connections.slice(0, 3).map(({ isClosed }) => isClosed)).toEqual([true, true, true]);
  });
});

describe('stop()', () => {
  it('ends every attempt, and nothing comes after', async () => {
    mesh.enterRoom(welcome(entry(1, 'a'), entry(2, 'b')));
    await mesh.stop();
    expect([left.toSorted(), clock.pendingTimers]).toEqual([['a', 'b'], 0]);
    expect(connections.every(({ isClosed }) => isClosed)).toBe(true);
  });
});
