import { systemClock } from '@innmesh/kit';
import type { RelayMessage } from '@innmesh/protocol';
import { expect, it, vi } from 'vitest';
import { lanes, type TransportEvents } from '../link/transport.ts';
import type { Welcome } from '../signaling/signaling-socket.ts';
import { Relay } from './relay.ts';
import { softwareSealing } from './software-sealing.ts';
import { ATTEMPT, connect, FAST } from './test-support/relayed-pair.ts';

const welcome = (relay: Welcome['relay']) => ({ relay }) as Welcome;
const events = (more: Partial<TransportEvents>): TransportEvents => ({
  candidate: () => {},
  opened: () => {},
  received: () => {},
  pathLost: () => {},
  pathFound: () => {},
  closed: () => {},
  ...more,
});

/** Two devices that each know the other by a slot, and see it in the frames that come. */
async function relayedDevices() {
  const [a, b] = [
    { peerId: 'a', slot: 1 as number | null },
    { peerId: 'b', slot: 2 as number | null },
  ];
  const signaled: (RelayMessage & { type: 'frame' })[] = [];
  const common = { clock: systemClock, bufferedBytes: () => 0 };
  const ofA: Relay = new Relay({
    ...common,
    signal: (frame) => {
      signaled.push(frame);
      ofB.handle(a, frame);
    },
  });
  const ofB: Relay = new Relay({ ...common, signal: (frame) => ofA.handle(b, frame) });
  for (const relay of [ofA, ofB]) relay.welcomed(welcome([FAST]));
  const [offerer, answerer] = [(await ofA.load())(b, ATTEMPT), (await ofB.load())(a, ATTEMPT)];
  return { a, b, ofA, ofB, offerer, answerer, signaled };
}

it('brings frames to the attempt with that peer that they belong to, and to no other', async () => {
  const { b, ofB, offerer, answerer, signaled } = await relayedDevices();
  const [heard, reasons]: [number[], string[]] = [[], []];
  const closed = (reason: string) => reasons.push(reason);
  offerer.listen(events({}));
  answerer.listen(events({ received: (_, records) => heard.push(...records.map(([first = -1]) => first)), closed }));
  await connect(offerer, answerer);
  const forged = { type: 'frame', peer: 1, attempt: ATTEMPT, bytes: new Uint8Array(40) } as const;
  ofB.handle({ peerId: 'c', slot: 3 }, forged);
  ofB.handle({ peerId: 'a', slot: 1 }, { ...forged, attempt: 8 });
  ofB.handle({ peerId: 'c', slot: 3 }, { ...forged, type: 'undelivered', reason: 'rate' });
  b.slot = 5;
  offerer.send(lanes.entries, Uint8Array.of(1));
  await vi.waitFor(() => expect(heard).toEqual([1]));
  expect([reasons, signaled.map(({ peer, attempt }) => [peer, attempt])]).toEqual([[], [[5, ATTEMPT]]]);
});

it('tells the attempt what was dropped, and forgets those that are over', async () => {
  const { a, b, ofA, ofB, offerer, answerer } = await relayedDevices();
  const reasons: string[] = [];
  offerer.listen(events({ closed: (reason) => reasons.push(reason) }));
  answerer.listen(events({ closed: (reason) => reasons.push(reason) }));
  await connect(offerer, answerer);
  ofA.handle(b, { type: 'undelivered', peer: 2, attempt: ATTEMPT, reason: 'slow-receiver' });
  ofA.handle(b, { type: 'undelivered', peer: 2, attempt: ATTEMPT, reason: 'off' });
  ofB.handle(a, { type: 'frame', peer: 1, attempt: ATTEMPT, bytes: new Uint8Array(40) });
  await vi.waitFor(() => expect(reasons).toHaveLength(2));
  expect(reasons[0]).toMatch(/does not read/);
});

it('is offered as long as the present server says so [F9]', () => {
  const relay = new Relay({ clock: systemClock, signal: () => {}, bufferedBytes: () => 0 });
  expect(relay.isOffered).toBe(false);
  relay.welcomed(welcome([FAST]));
  expect(relay.isOffered).toBe(true);
  relay.welcomed(welcome([]));
  expect(relay.isOffered).toBe(false);
});

it('offers nothing where there is no server any more', () => {
  let bufferedBytes: number | null = 0;
  const relay = new Relay({ clock: systemClock, signal: () => {}, bufferedBytes: () => bufferedBytes });
  relay.welcomed(welcome([FAST]));
  expect(relay.isOffered).toBe(true);
  bufferedBytes = null;
  expect(relay.isOffered).toBe(false);
});

it('loads ahead what it needs, where the server offers it', async () => {
  let loads = 0;
  const loadSealing = async () => {
    loads += 1;
    return softwareSealing;
  };
  const relay = new Relay({ clock: systemClock, signal: () => {}, bufferedBytes: () => 0, loadSealing });
  await relay.prepare();
  expect(loads).toBe(0);
  relay.welcomed(welcome([FAST]));
  await relay.prepare();
  expect(loads).toBe(1);
});
