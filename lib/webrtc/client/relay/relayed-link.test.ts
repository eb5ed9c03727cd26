import { systemClock } from '@innmesh/kit';
import type { ReplicationMessage } from '@innmesh/protocol';
import { describe, expect, it, vi } from 'vitest';
import { idOf, keyOf } from '../../server/test-support/device-keys.ts';
import { TestIssuer } from '../../server/test-support/test-issuer.ts';
import type { Link, LinkEnd, LinkSignal } from '../link/link.ts';
import { lanes } from '../link/transport.ts';
import { linkOf } from './test-support/device-link.ts';
import { FakeEnd, FakeServer, type Side } from './test-support/relayed-pair.ts';

const issuer = new TestIssuer(systemClock);
const names: Record<Side, string> = { offerer: 'a', answerer: 'b' };
const STREAM = 1;

const vouched = (name: string) => {
  return { name, key: keyOf(name), credential: issuer.credential({ name }), issuerKeys: issuer.keySet };
};

interface End {
  link: Link;
  heard: ReplicationMessage[];
  ends: LinkEnd[];
}

async function createEnd(side: Side, server: FakeServer, signal: (signal: LinkSignal) => void): Promise<End> {
  const other = names[side === 'offerer' ? 'answerer' : 'offerer'];
  const end = { heard: [] as ReplicationMessage[], ends: [] as LinkEnd[] };
  const { transport } = new FakeEnd(side, server, systemClock);
  const link = await linkOf(vouched(names[side]), idOf(other), transport, {
    signal,
    replicated: (message) => end.heard.push(message),
    closed: (linkEnd) => end.ends.push(linkEnd),
  });
  return { ...end, link };
}

async function openLinks() {
  const server = new FakeServer();
  const answerer: End = await createEnd('answerer', server, (signal) => {
    if (signal.type === 'answer') offerer.link.acceptAnswer(signal);
  });
  const offerer: End = await createEnd('offerer', server, (signal) => {
    if (signal.type === 'offer') answerer.link.answer(signal);
  });
  offerer.link.offer();
  await vi.waitFor(() => expect([offerer.link.isOpen, answerer.link.isOpen]).toEqual([true, true]));
  return { server, offerer, answerer };
}

const entry = (seq: number, length = 300): ReplicationMessage & { type: 'entry' } => {
  return { type: 'entry', stream: 0, seq, distance: 1, ageMs: 0, bytes: new Uint8Array(length).fill(seq) };
};
const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 1 });

describe('a link through the signaling server', () => {
  it('opens when both ends have shown who they are, as on any other [L8] [L10]', async () => {
    const { offerer, answerer } = await openLinks();
    expect([offerer.link.claims?.sub, answerer.link.claims?.sub]).toEqual([idOf('b'), idOf('a')]);
    offerer.link.discard('it is over.');
  });

  it('carries entries both ways, and lets an order pass 5 MB', async () => {
    const { offerer, answerer } = await openLinks();
    offerer.link.replicate(lanes.bulk, entry(1, 5_000_000), STREAM);
    for (const seq of [2, 3]) offerer.link.replicate(lanes.entries, entry(seq), STREAM);
    answerer.link.replicate(lanes.entries, entry(4), STREAM);
    await until(() => expect(answerer.heard).toHaveLength(3));
    const heard = answerer.heard.map((message) => message.type === 'entry' && [message.seq, message.bytes.length]);
    expect(heard).toEqual([
      [2, 300],
      [3, 300],
      [1, 5_000_000],
    ]);
    expect(offerer.heard).toEqual([entry(4)]);
    offerer.link.discard('it is over.');
  });

  it('ends by a goodbye, behind everything that was to be sent', async () => {
    const { offerer, answerer } = await openLinks();
    for (let seq = 1; seq <= 100; seq++) offerer.link.replicate(lanes.entries, entry(seq, 3_000), STREAM);
    offerer.link.close();
    await until(() => expect([offerer.ends.length, answerer.ends.length]).toEqual([1, 1]));
    expect(answerer.heard).toHaveLength(100);
    expect([...offerer.ends, ...answerer.ends].map(({ onPurpose }) => onPurpose)).toEqual([true, true]);
  });

  it('notices when the other end is silent', async () => {
    const { offerer, server } = await openLinks();
    server.hold();
    expect(await offerer.link.roundTrip.probe(20)).toBe(false);
    server.goOn();
    expect(await offerer.link.roundTrip.probe(5_000)).toBe(true);
    offerer.link.discard('it is over.');
  });
});
