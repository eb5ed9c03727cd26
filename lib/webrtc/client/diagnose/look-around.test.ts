import { ManualClock } from '@innmesh/kit';
import { encodeSignaling, NONCE_BYTES } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingRefusedError, SignalingUnreachableError } from '../errors.ts';
import { type LookAroundDeps, lookAround } from './look-around.ts';
import { obstacleOf } from './obstacle.ts';
import { askLocalNetwork } from './probes/ask-permission.ts';

/** What the platform is asked for, and never says a word. */
class Silent {
  static all: Silent[] = [];
  readonly configuration: RTCConfiguration | undefined;
  isClosed = false;
  iceGatheringState = 'new';
  localDescription: { sdp: string } | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onicecandidateerror: ((event: { errorCode: number; errorText: string }) => void) | null = null;
  onicegatheringstatechange: (() => void) | null = null;

  constructor(configuration?: RTCConfiguration) {
    this.configuration = configuration;
    Silent.all.push(this);
  }

  createDataChannel() {}
  setLocalDescription = () => new Promise(() => {});
  createOffer = () => new Promise(() => {});
  close() {
    this.isClosed = true;
  }
}

let clock: ManualClock;

beforeEach(() => {
  clock = new ManualClock();
  Silent.all = [];
});

const deps = (more: Partial<LookAroundDeps> = {}): LookAroundDeps => {
  return {
    clock,
    openWebSocket: () => new Silent() as unknown as WebSocket,
    createPeerConnection: (configuration) => new Silent(configuration) as unknown as RTCPeerConnection,
    configuration: { signalingServers: ['ws://a', 'ws://b'], iceServers: [{ urls: ['stun:a', 'turn:a'] }] },
    failure: null,
    session: { iceServers: null, room: () => new Promise(() => {}) },
    ...more,
  };
};

/** Until it is known, as time passes. */
async function pass<T>(promise: Promise<T>, stepMs = 500, limitMs = 30_000): Promise<T> {
  let isDone = false;
  const done = () => {
    isDone = true;
  };
  promise.then(done, done);
  for (let passedMs = 0; !isDone && passedMs < limitMs; passedMs += stepMs) {
    for (let turn = 0; turn < 20; turn += 1) await null;
    clock.advance(stepMs);
  }
  for (let turn = 0; turn < 20; turn += 1) await null;
  if (!isDone) throw new Error('It does not end.');
  return promise;
}

describe('looking around', () => {
  it('ends within 8 seconds where nothing ever answers, and leaves nothing open', async () => {
    const facts = await pass(lookAround(deps(), undefined));
    expect(clock.nowMs()).toBeLessThanOrEqual(8_000);
    expect(facts.servers.map(({ outcome }) => outcome)).toEqual(['silent', 'silent']);
    expect(facts.own.isComplete).toBe(false);
    expect(facts.room).toBe('silent');
    expect(Silent.all).toHaveLength(5);
    expect(Silent.all.filter(({ isClosed }) => !isClosed)).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  it('knows whether it knows the relays that the server lends, and asks those', async () => {
    const room = async () => null;
    const look = (session: LookAroundDeps['session']) => pass(lookAround(deps({ session }), undefined));
    const leading = await look({ iceServers: [{ urls: 'turn:lent' }], room });
    expect([leading.areRelaysKnown, leading.turn.map(({ url }) => url)]).toEqual([true, ['turn:lent']]);
    const following = await look({ iceServers: null, room });
    expect([following.areRelaysKnown, following.turn.map(({ url }) => url)]).toEqual([false, ['turn:a']]);
    expect(await look(null)).toMatchObject({ areRelaysKnown: false });
  });

  it('leaves nothing open where names are not found, either', async () => {
    const createPeerConnection = (configuration: RTCConfiguration) => {
      const connection = new Silent(configuration);
      connection.localDescription = { sdp: 'a=candidate:1 1 udp 2113937151 4dba.local 46943 typ host\r\n' };
      return connection as unknown as RTCPeerConnection;
    };
    const facts = await pass(lookAround(deps({ createPeerConnection }), undefined));
    expect(facts.own.candidates).toEqual([{ type: 'host', address: '4dba.local', protocol: 'udp' }]);
    expect(facts.isOwnNameFound).toBe(false);
    expect(clock.nowMs()).toBeLessThanOrEqual(8_000);
    expect(Silent.all.filter(({ isClosed }) => !isClosed)).toEqual([]);
  });

  it('asks each ICE server by itself, a relay for nothing but a relay', async () => {
    await pass(lookAround(deps(), undefined));
    expect(Silent.all.flatMap(({ configuration }) => configuration ?? [])).toEqual([
      { iceServers: [] },
      { iceServers: [{ urls: 'stun:a' }], iceTransportPolicy: 'all' },
      { iceServers: [{ urls: 'turn:a' }], iceTransportPolicy: 'relay' },
    ]);
  });

  it('goes on where the platform makes no connection and opens no socket', async () => {
    const refuse = () => {
      throw new TypeError('not here');
    };
    const facts = await pass(
      lookAround(
        deps({
          createPeerConnection: refuse,
          openWebSocket: refuse,
          session: { iceServers: null, room: async () => refuse() },
        }),
        'kitchen',
      ),
    );
    expect(facts.own.problem).toContain('not here');
    expect(facts.servers[0]).toMatchObject({ outcome: 'blocked', detail: 'TypeError: not here' });
    expect(facts.room).toBe('silent');
    expect(clock.pendingTimers).toBe(0);
  });

  it('keeps the addresses as they were given, whatever the platform makes of them', async () => {
    const createPeerConnection = (configuration: RTCConfiguration) => {
      for (const server of configuration.iceServers ?? []) server.urls = [];
      return new Silent(configuration) as unknown as RTCPeerConnection;
    };
    const { stun, turn } = await pass(lookAround(deps({ createPeerConnection }), undefined));
    expect([...stun, ...turn].map(({ url }) => url)).toEqual(['stun:a', 'turn:a']);
  });

  const challenge = encodeSignaling({ type: 'challenge', nonce: new Uint8Array(NONCE_BYTES), development: false });
  it.each([
    ['answers', (socket: Silent) => socket.onmessage?.({ data: challenge.buffer })],
    ['stranger', (socket: Silent) => socket.onmessage?.({ data: 'hello' })],
    ['refused', (socket: Silent) => socket.onclose?.({ code: 4429, reason: 'flooding' })],
    ['other-version', (socket: Silent) => socket.onclose?.({ code: 4406, reason: 'This server speaks innmesh.5' })],
    ['unreachable', (socket: Silent) => socket.onclose?.({ code: 1006, reason: '' })],
  ] as const)('knows a server that %s by its first word', async (outcome, say) => {
    const openWebSocket = () => {
      const socket = new Silent();
      clock.setTimer(() => say(socket), 100);
      return socket as unknown as WebSocket;
    };
    const { servers } = await pass(lookAround(deps({ openWebSocket }), undefined), 100);
    expect(servers[0]).toMatchObject({ outcome, afterMs: 100 });
  });
});

describe('why this device is not in its room', () => {
  it('is what signaling last failed with, a refusal before anything else', () => {
    const attempts = [
      { url: 'ws://a', reason: 'nothing answers there', closeCode: 1006 },
      { url: 'ws://b', reason: 'expired: it is over', closeCode: 4401 },
    ];
    const code = 'SIGNALING_UNREACHABLE';
    expect(obstacleOf(new SignalingUnreachableError(attempts))).toEqual({
      ...{ code, closeCode: 4401, problem: 'expired', words: 'expired: it is over' },
    });
    expect(obstacleOf(new SignalingUnreachableError(attempts.slice(0, 1)))).toEqual({
      ...{ code, closeCode: 1006, problem: '', words: 'nothing answers there' },
    });
    expect(obstacleOf(new SignalingUnreachableError([]))).toBeNull();
    expect(obstacleOf(new SignalingRefusedError('ws://a', 4409, 'replaced'))).toMatchObject({ closeCode: 4409 });
    expect(obstacleOf(new DOMException('It took too long.', 'TimeoutError'))).toMatchObject({ code: '' });
    expect(obstacleOf('no')).toMatchObject({ code: '', words: 'no' });
    expect(obstacleOf(null)).toBeNull();
  });

  it('is what the session says, or what connect() failed with', async () => {
    const failure = new Error('HTTP 503');
    const of = async (more: Partial<LookAroundDeps>) => (await pass(lookAround(deps(more), undefined))).obstacle?.words;
    const room = { isInRoom: false, obstacle: obstacleOf(new Error('HTTP 502')), peers: [] };
    expect(await of({ session: null, failure })).toBe('HTTP 503');
    expect(await of({ session: { iceServers: null, room: async () => room } })).toBe('HTTP 502');
  });

  it('is not known of a tab that has no room yet, which is not in one', async () => {
    const { room } = await pass(lookAround(deps({ session: { iceServers: null, room: async () => null } }), undefined));
    expect(room).toEqual({ isInRoom: false, obstacle: null, peers: [] });
    expect((await pass(lookAround(deps({ session: null }), undefined))).room).toBeNull();
  });
});

describe('the permission for the local network', () => {
  const permissions = (states: Record<string, string>) => ({
    query: async ({ name }: { name: string }) => {
      if (!(name in states)) throw new TypeError('no such permission');
      return { state: states[name] ?? '' };
    },
  });

  it('is asked for by its name of now, and by the one before', async () => {
    expect(await askLocalNetwork(clock, permissions({ 'local-network': 'denied' }))).toBe('denied');
    expect(await askLocalNetwork(clock, permissions({ 'local-network-access': 'prompt' }))).toBe('prompt');
  });

  it('is unknown where the browser does not know it, or says nothing', async () => {
    expect(await askLocalNetwork(clock, permissions({}))).toBe('unknown');
    expect(await askLocalNetwork(clock, undefined)).toBe('unknown');
    expect(await pass(askLocalNetwork(clock, { query: () => new Promise(() => {}) }))).toBe('unknown');
  });
});
