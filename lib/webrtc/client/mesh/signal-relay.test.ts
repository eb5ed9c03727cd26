import { ManualClock, seededRandom } from '@innmesh/kit';
import type { Role } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Neighbour, type Signal, SignalRelay } from './signal-relay.ts';

interface Node {
  peerId: string;
  role: Role;
  relay: SignalRelay;
  neighbours: Neighbour[];
  got: [from: string, text: string][];
}

const text = (frame: Uint8Array) => new TextDecoder().decode(frame);
const frame = (word: string) => new TextEncoder().encode(word);

let clock: ManualClock;
let nodes: Map<string, Node>;
let sent: number;

beforeEach(() => {
  clock = new ManualClock();
  nodes = new Map();
  sent = 0;
});

function add(peerId: string, role: Role = 'staff'): Node {
  const node = { peerId, role, neighbours: [], got: [] } as unknown as Node;
  node.relay = new SignalRelay({
    clock,
    random: seededRandom(nodes.size + 1),
    self: () => node,
    neighbours: () => node.neighbours,
    received: (from, bytes) => node.got.push([from, text(bytes)]),
  });
  nodes.set(peerId, node);
  return node;
}

const at = (peerId: string) => nodes.get(peerId) as Node;

function link(one: string, other: string): void {
  for (const [from, to] of [
    [at(one), at(other)],
    [at(other), at(one)],
  ] as const) {
    const send = (signal: Signal) => {
      sent += 1;
      const by = to.neighbours.find(({ peerId }) => peerId === from.peerId);
      if (by) to.relay.handle(signal, by);
    };
    from.neighbours.push({ peerId: to.peerId, role: to.role, isSound: true, send });
  }
}

/** Devices of the house, named by a letter each; `pairs`: who is linked to whom. */
function linkAll(...pairs: string[]): void {
  for (const id of new Set(pairs.join(''))) add(id);
  for (const [one = '', other = ''] of pairs) link(one, other);
}

/** What is sent from one to the other goes nowhere. `isNoticed`: by the one. */
function cut(one: string, other: string, isNoticed: boolean): void {
  for (const neighbour of at(one).neighbours) {
    if (neighbour.peerId === other) Object.assign(neighbour, { isSound: !isNoticed, send: () => {} });
  }
}

function unlink(one: string, other: string): void {
  at(one).neighbours = at(one).neighbours.filter(({ peerId }) => peerId !== other);
  at(other).neighbours = at(other).neighbours.filter(({ peerId }) => peerId !== one);
}

describe('a signal', () => {
  it('gets to a device that is linked to others only, and once [L26]', () => {
    linkAll('ab', 'ac', 'bd', 'cd');
    expect(at('a').relay.send('d', frame('offer'))).toBe(true);
    expect(at('d').got).toEqual([['a', 'offer']]);
  });

  it('goes back by the way on which the first one came', () => {
    linkAll('ab', 'bc', 'cd', 'ce', 'be');
    at('a').relay.send('d', frame('offer'));
    sent = 0;
    at('d').relay.send('a', frame('answer'));
    expect([at('a').got, sent]).toEqual([[['d', 'answer']], 3]);
  });

  it('finds another way where the one that it took before is gone', () => {
    linkAll('ab', 'bd', 'ac', 'cd');
    at('d').relay.send('a', frame('offer'));
    unlink('a', 'b');
    at('a').relay.send('d', frame('answer'));
    expect(at('d').got).toEqual([['a', 'answer']]);
  });

  it('to a neighbour goes by way of others too: the link to it may be dead without this device’s knowing', () => {
    linkAll('ab', 'ac', 'bc');
    cut('a', 'b', false);
    at('a').relay.send('b', frame('answer'));
    expect(at('b').got).toEqual([['a', 'answer']]);
  });

  it('to a neighbour that is no device of the house, and the only one, goes to itself', () => {
    add('a');
    add('guest', 'guest');
    link('a', 'guest');
    at('a').relay.send('guest', frame('offer'));
    expect(at('guest').got).toEqual([['a', 'offer']]);
  });

  it('takes no way over a link that is being repaired', () => {
    linkAll('ab', 'bd', 'ac', 'cd');
    at('d').relay.send('a', frame('offer'));
    cut('a', 'b', true);
    at('a').relay.send('d', frame('answer'));
    expect(at('d').got).toEqual([['a', 'answer']]);
  });

  it('is not sent where nobody can hand it on', () => {
    add('a');
    add('guest', 'guest');
    link('a', 'guest');
    expect(at('a').relay.send('b', frame('offer'))).toBe(false);
  });

  it('is handed on by devices of the house alone [L26]', () => {
    add('a');
    add('guest', 'guest');
    add('b');
    link('a', 'guest');
    link('guest', 'b');
    const [toGuest] = at('b').neighbours;
    const forged: Signal = { type: 'signal', id: 1, from: 'a', to: 'b', hops: 3, frame: frame('forged') };
    at('b').relay.handle(forged, toGuest as Neighbour);
    at('guest').relay.handle({ ...forged, from: 'a' }, at('guest').neighbours[0] as Neighbour);
    expect(at('b').got).toEqual([]);
  });

  it('goes no further than it may [L26]', () => {
    const ids = Array.from({ length: 12 }, (_, index) => `n${index}`);
    for (const id of ids) add(id);
    for (const [index, id] of ids.slice(1).entries()) link(ids[index] as string, id);
    at('n0').relay.send('n9', frame('near'));
    at('n0').relay.send('n11', frame('far'));
    expect([at('n9').got.length, at('n11').got.length]).toEqual([1, 0]);
  });

  it('of a neighbour that sends too many is dropped, until time has passed [L26]', () => {
    linkAll('ab');
    for (let count = 0; count < 300; count++) at('a').relay.send('b', frame('x'));
    expect(at('b').got).toHaveLength(200);
    clock.advance(1_000);
    at('a').relay.send('b', frame('later'));
    expect(at('b').got.at(-1)).toEqual(['a', 'later']);
  });
});
