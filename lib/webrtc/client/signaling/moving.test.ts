import { closeCodes, encodeSignaling, type RelayMessage, type ServerMessage } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SignalingClient } from './signaling-client.ts';
import { HEARTBEAT_MS, nonce, SignalingLab, settled } from './test-support/signaling-lab.ts';

/* A device that is not with the best server moves there when it appears. */

const LOCAL = 'ws://local';
const CLOUD = 'ws://cloud';
const offer: RelayMessage = { type: 'offer', peer: 3, attempt: 7, nonce, sdp: 'v=0' };
const somebodyLeft: ServerMessage = { type: 'left', slot: 9 };

let lab: SignalingLab;

beforeEach(() => {
  lab = new SignalingLab();
});

/** With the cloud's server, as the local one is not there. */
async function onCloud(seed?: number): Promise<SignalingClient> {
  const client = lab.client({ urls: [LOCAL, CLOUD] }, seed);
  const joining = client.join();
  lab.to(LOCAL).onerror();
  lab.to(CLOUD).welcome();
  await joining;
  return client;
}

/** Moves time on, with a server that goes on speaking, until a server is dialled. */
async function untilDialled(): Promise<number> {
  const [startMs, count] = [lab.clock.nowMs(), lab.sockets.length];
  const current = lab.sockets.findLast(({ readyState }) => readyState === 1);
  while (lab.sockets.length === count) {
    if (lab.clock.nowMs() - startMs > 600_000) throw new Error('No server was dialled for ten minutes.');
    if (lab.clock.nowMs() % HEARTBEAT_MS === 0) current?.say({ type: 'heartbeat' });
    lab.clock.advance(1);
  }
  return lab.clock.nowMs() - startMs;
}

async function failToMove(): Promise<void> {
  lab.to(LOCAL).onerror();
  await settled();
}

describe('with a server that is not the best', () => {
  it('a device looks for a better one less and less often, at most once in 30 to 60 s, and says nothing of it', async () => {
    await onCloud();
    for (const longestMs of [5_000, 10_000, 20_000, 40_000, 60_000, 60_000]) {
      const waitMs = await untilDialled();
      expect(lab.last.url).toBe(LOCAL);
      expect(waitMs).toBeGreaterThanOrEqual(longestMs / 2);
      expect(waitMs).toBeLessThanOrEqual(longestMs);
      await failToMove();
    }
    expect([lab.events, lab.open]).toEqual([['joined'], [CLOUD]]);
  });

  it('it moves to the better one once that has let it in, and is never without', async () => {
    const client = await onCloud();
    await untilDialled();
    lab.to(LOCAL).challenge();
    await settled();
    client.send(offer);
    expect([lab.open, lab.to(CLOUD).heard.at(-1)]).toEqual([[CLOUD, LOCAL], encodeSignaling(offer)]);
    lab.reactions.joined = () => lab.told.push(['open then', ...lab.open]);
    lab.to(LOCAL).welcome();
    await settled();
    expect(lab.told).toEqual([['joined'], ['joined'], ['open then', CLOUD, LOCAL]]);
    client.send(offer);
    expect([lab.open, lab.to(LOCAL).heard.at(-1)]).toEqual([[LOCAL], encodeSignaling(offer)]);
  });

  it('what the former server still says is not heard, and its end is no loss', async () => {
    await onCloud();
    await untilDialled();
    const { onmessage, onclose } = lab.to(CLOUD);
    lab.to(LOCAL).welcome();
    onmessage?.({ data: encodeSignaling(offer).slice().buffer });
    onclose?.({ code: 1001, reason: 'The server stops.' });
    await settled();
    expect(lab.events).toEqual(['joined', 'joined']);
  });

  it('no offer goes along while it may come to nothing', async () => {
    await onCloud();
    const before = lab.reached.length;
    await untilDialled();
    lab.to(LOCAL).welcome();
    await settled();
    expect(lab.reached).toHaveLength(before);
  });

  it('it looks soon when somebody leaves, who may have found the better one, and not more often than in 8 s', async () => {
    await onCloud();
    for (let tries = 0; tries < 5; tries++) {
      await untilDialled();
      await failToMove();
    }
    lab.clock.advance(8_000);
    lab.to(CLOUD).say(somebodyLeft);
    expect(await untilDialled()).toBeLessThanOrEqual(5_000);
    await failToMove();
    lab.to(CLOUD).say(somebodyLeft);
    const waitMs = await untilDialled();
    expect(waitMs).toBeGreaterThanOrEqual(8_000);
    expect(waitMs).toBeLessThanOrEqual(13_000);
  });

  it('many who leave make it look once, at the moment that it chose when the first one did', async () => {
    const waits: number[] = [];
    for (const count of [1, 100]) {
      lab = new SignalingLab();
      await onCloud();
      for (let tries = 0; tries < 4; tries++) {
        await untilDialled();
        await failToMove();
      }
      for (let left = 0; left < count; left++) lab.to(CLOUD).say(somebodyLeft);
      waits.push(await untilDialled());
    }
    expect(waits[1]).toBe(waits[0]);
  });

  it('all of a room that see one leave look at moments of their own', async () => {
    const waits = new Set<number>();
    for (let seed = 1; seed <= 10; seed++) {
      lab = new SignalingLab();
      await onCloud(seed);
      for (let tries = 0; tries < 4; tries++) {
        await untilDialled();
        await failToMove();
      }
      lab.to(CLOUD).say(somebodyLeft);
      waits.add(await untilDialled());
    }
    expect(waits.size).toBeGreaterThan(7);
  });

  it('it looks no later for one who leaves than it would have', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const waits: number[] = [];
      for (const left of [0, 1]) {
        lab = new SignalingLab();
        await onCloud(seed);
        if (left) lab.to(CLOUD).say(somebodyLeft);
        waits.push(await untilDialled());
      }
      expect(waits[1]).toBeLessThanOrEqual(waits[0] as number);
    }
  });

  it('a better one that does not keep devices is left alone for a minute', async () => {
    await onCloud();
    await untilDialled();
    lab.to(LOCAL).welcome();
    await settled();
    lab.to(LOCAL).end(1006);
    await untilDialled();
    await failToMove();
    lab.to(CLOUD).welcome();
    await settled();
    expect(await untilDialled()).toBeGreaterThan(55_000);
  });

  it('when that is lost while a better one is asked, it says so, and that one’s welcome ends it', async () => {
    await onCloud();
    await untilDialled();
    lab.to(CLOUD).end(1006);
    expect(lab.events).toEqual(['joined', 'reconnecting']);
    lab.to(LOCAL).welcome();
    await settled();
    lab.clock.advance(5_000);
    expect([lab.events, lab.open]).toEqual([['joined', 'reconnecting', 'joined'], [LOCAL]]);
  });

  it('a credential that cannot be had for a move is no loss', async () => {
    await onCloud();
    lab.failing = new Error('no network');
    lab.clock.advance(5_000);
    await settled();
    lab.failing = null;
    await untilDialled();
    expect([lab.events, lab.last.url]).toEqual([['joined'], LOCAL]);
  });
});

describe('with the best server', () => {
  it('a device looks for no other', async () => {
    await lab.joined({ urls: [LOCAL, CLOUD] });
    for (let beats = 0; beats < 30; beats++) {
      lab.last.say({ type: 'heartbeat' });
      lab.clock.advance(HEARTBEAT_MS);
    }
    lab.last.say(somebodyLeft);
    lab.clock.advance(HEARTBEAT_MS);
    expect(lab.sockets).toHaveLength(1);
  });
});

describe('one server under two names', () => {
  it('puts the device out of its own place: that is no loss, and the new place is taken', async () => {
    await onCloud();
    await untilDialled();
    lab.to(LOCAL).challenge();
    lab.to(CLOUD).end(closeCodes.replaced, 'This device has joined through another socket.');
    expect(lab.events).toEqual(['joined']);
    lab.to(LOCAL).welcome();
    await settled();
    expect([lab.events, lab.open]).toEqual([['joined', 'joined'], [LOCAL]]);
  });

  it('puts the device out and does not let it in: that is a loss, and not for good', async () => {
    await onCloud();
    await untilDialled();
    lab.to(LOCAL).challenge();
    lab.to(CLOUD).end(closeCodes.replaced, 'This device has joined through another socket.');
    lab.to(LOCAL).end(1006);
    await settled();
    expect(lab.events).toEqual(['joined', 'reconnecting']);
    await untilDialled();
    expect(lab.open).toEqual([LOCAL]);
  });

  it('puts the device out before it has asked to be let in: somebody else has its name, for good', async () => {
    await onCloud();
    await untilDialled();
    lab.to(CLOUD).end(closeCodes.replaced, 'This device has joined through another socket.');
    expect(lab.told.at(-1)).toEqual(['failed', expect.objectContaining({ code: 'SIGNALING_REFUSED' })]);
  });
});

describe('when the network is another one', () => {
  it('a device that is in joins again through a new socket, and only then gives the former up', async () => {
    const client = await lab.joined();
    client.networkChanged();
    expect(lab.open).toEqual(['ws://a', 'ws://a']);
    lab.last.welcome();
    await settled();
    expect([lab.open, lab.events]).toEqual([['ws://a'], ['joined', 'joined']]);
    expect(lab.sockets[0]?.isClosed).toBe(true);
  });

  it('and no server answers there, it stays as long as the former one speaks', async () => {
    const client = await lab.joined();
    client.networkChanged();
    lab.last.onerror();
    await settled();
    expect([lab.open, lab.events]).toEqual([['ws://a'], ['joined']]);
  });

  it('again and again, it joins no more often than once in 2 s', async () => {
    const client = await lab.joined();
    for (let elapsedMs = 0; elapsedMs < 6_000; elapsedMs += 500) {
      client.networkChanged();
      if (lab.last.readyState === 0) lab.last.welcome();
      await settled();
      lab.clock.advance(500);
    }
    expect(lab.sockets).toHaveLength(1 + 3);
  });

  it('a socket that has not opened is opened anew: what was begun before leads nowhere', async () => {
    const client = await lab.joined();
    lab.clock.advance(1_000);
    client.networkChanged();
    lab.clock.advance(500);
    const before = lab.last;
    lab.clock.advance(500);
    client.networkChanged();
    expect([before.isClosed, lab.sockets.length, lab.open]).toEqual([true, 4, ['ws://a', 'ws://a']]);
  });

  it('and no server was reached when it last was, the next one is asked without a pause', async () => {
    const client = await lab.joined();
    lab.clock.advance(1_000);
    client.networkChanged();
    lab.last.onerror();
    await settled();
    lab.clock.advance(500);
    client.networkChanged();
    expect(lab.sockets).toHaveLength(3);
  });

  it('and the join that comes of it is not heard of, but carried out: the device comes in again', async () => {
    const client = await lab.joined();
    lab.clock.advance(1_000);
    const [former] = lab.sockets;
    client.networkChanged();
    lab.last.challenge();
    await settled();
    for (let waitedMs = 0; waitedMs < 5_000; waitedMs += 1_000) {
      lab.clock.advance(1_000);
      former?.say({ type: 'heartbeat' });
    }
    await settled();
    expect(lab.open).toEqual(['ws://a']);
    former?.end(closeCodes.replaced, 'This device has joined through another socket.');
    expect(lab.events).toEqual(['joined', 'reconnecting']);
    await untilDialled();
    lab.last.welcome();
    expect(lab.events).toEqual(['joined', 'reconnecting', 'joined']);
  });

  it('and another one takes its name a minute later, that is for good', async () => {
    const client = await lab.joined();
    lab.clock.advance(1_000);
    const [former] = lab.sockets;
    client.networkChanged();
    lab.last.challenge();
    await settled();
    for (let waitedMs = 0; waitedMs < 60_000; waitedMs += 1_000) {
      lab.clock.advance(1_000);
      former?.say({ type: 'heartbeat' });
    }
    former?.end(closeCodes.replaced, 'This device has joined through another socket.');
    expect(lab.told.at(-1)).toEqual(['failed', expect.objectContaining({ code: 'SIGNALING_REFUSED' })]);
  });

  it('opens the socket anew at the next event that tells of one change: the first may have come too early', async () => {
    const client = await lab.joined();
    lab.clock.advance(10_000);
    client.networkChanged();
    await settled();
    lab.clock.advance(120);
    client.networkChanged();
    expect([lab.sockets.length, lab.sockets.at(-2)?.isClosed]).toEqual([3, true]);
  });

  it('better servers are asked first', async () => {
    const client = await onCloud();
    client.networkChanged();
    expect(lab.last.url).toBe(LOCAL);
    lab.clock.advance(300);
    expect(lab.open).toEqual([CLOUD, LOCAL, CLOUD]);
  });
});

describe('a device that is about to leave', () => {
  it('has its place for what is still to be handed on, and does not come back to it', async () => {
    const client = await lab.joined();
    client.finish();
    expect([client.send(offer), lab.open]).toEqual([true, ['ws://a']]);
    lab.sockets[0]?.end(1006);
    lab.clock.advance(60_000);
    client.networkChanged();
    await settled();
    expect([client.send(offer), lab.sockets.length, lab.events]).toEqual([false, 1, ['joined']]);
  });
});

describe('a device that hears no other one', () => {
  /** Each of its links says so, again and again. */
  const isolatedFor = async (client: SignalingClient, ms: number) => {
    for (let elapsedMs = 0; elapsedMs < ms; elapsedMs += 250) {
      client.isolated();
      lab.clock.advance(250);
      await settled();
    }
  };

  it('opens no sockets while its server does not answer: a browser would put the one off that is needed', async () => {
    const client = await lab.joined();
    lab.clock.advance(2_000);
    await isolatedFor(client, 20_000);
    expect(lab.sockets).toHaveLength(1);
    lab.sockets[0]?.end(1006);
    await isolatedFor(client, 29_000);
    expect([lab.events, lab.sockets.length]).toEqual([['joined', 'reconnecting'], 1]);
    // It may answer nothing else.
    await isolatedFor(client, 1_000);
    expect(lab.sockets).toHaveLength(2);
  });

  it('waits as everybody does for a server that is gone, where it hears another one after all', async () => {
    const client = await lab.joined({ reconnectIntervalMs: 10_000 });
    lab.clock.advance(2_000);
    client.isolated();
    lab.sockets[0]?.end(1006);
    await isolatedFor(client, 5_000);
    client.notIsolated();
    lab.askedAtMs.length = 0;
    lab.answering.add('ws://a');
    for (let waitedMs = 0; waitedMs < 4_000; waitedMs += 500) {
      lab.clock.advance(500);
      await settled();
    }
    expect([lab.askedAtMs, lab.sockets.length]).toEqual([[], 1]);
    expect(await lab.untilDialled()).toBeLessThan(6_000);
  });

  it('opens no more sockets for each of many links that says so, where it may not ask', async () => {
    lab.unaskable.add('ws://a');
    const client = await lab.joined();
    lab.clock.advance(2_000);
    await isolatedFor(client, 4_000);
    // One, and that one anew after half a second.
    expect([lab.sockets.length, lab.askedAtMs]).toEqual([3, []]);
  });

  it('opens its socket anew where one was begun a moment before its server answers', async () => {
    const client = await lab.joined();
    lab.clock.advance(2_000);
    await isolatedFor(client, 10_000);
    client.networkChanged();
    await settled();
    const { length } = lab.sockets;
    lab.answering.add('ws://a');
    lab.clock.advance(150);
    await settled();
    expect([lab.sockets.length, lab.sockets.at(-2)?.isClosed]).toEqual([length + 1, true]);
  });

  it('goes on opening sockets where one of its servers may not be asked', async () => {
    lab.unaskable.add(CLOUD);
    const client = await lab.joined({ urls: [LOCAL, CLOUD] });
    lab.clock.advance(2_000);
    client.isolated();
    lab.sockets[0]?.end(1006);
    for (let waitedMs = 0; waitedMs < 20_000; waitedMs += 1_000) {
      for (const socket of lab.sockets) if (!socket.isClosed) socket.end(1006);
      await settled();
      lab.clock.advance(1_000);
    }
    expect(lab.sockets.length).toBeGreaterThan(6);
  });

  it('comes in where it is told of its network a moment too early', async () => {
    const client = await lab.joined();
    lab.clock.advance(2_000);
    client.isolated();
    lab.sockets[0]?.end(1006);
    await isolatedFor(client, 10_000);
    lab.clock.advance(100);
    client.networkChanged();
    await settled();
    lab.last.end(1006);
    await settled();
    const before = lab.sockets.length;
    lab.answering.add('ws://a');
    lab.clock.advance(400);
    await settled();
    expect(lab.sockets.length).toBe(before + 1);
  });

  it('looks twice a second whether anything answers there, and comes in anew when it does', async () => {
    const client = await lab.joined();
    lab.clock.advance(2_000);
    client.isolated();
    await settled();
    for (let elapsedMs = 0; elapsedMs < 3_000; elapsedMs += 100) {
      lab.clock.advance(100);
      await settled();
    }
    expect(lab.askedAtMs).toEqual([2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 5_000]);
    expect(lab.sockets).toHaveLength(1);
    lab.answering.add('ws://a');
    lab.clock.advance(500);
    await settled();
    expect(lab.sockets).toHaveLength(2);
    lab.askedAtMs.length = 0;
    // A browser may put it off for seconds: it is left to open.
    for (let elapsedMs = 0; elapsedMs < 2_500; elapsedMs += 100) {
      lab.clock.advance(100);
      await settled();
    }
    expect([lab.sockets.length <= 3, lab.askedAtMs]).toEqual([true, []]);
    lab.last.welcome();
    await settled();
    expect([lab.events, lab.open]).toEqual([['joined', 'joined'], ['ws://a']]);
  });

  it('comes in anew at once, too, where it has lost its server and would wait for a minute', async () => {
    const client = await lab.joined({ reconnectIntervalMs: 60_000 });
    lab.clock.advance(2_000);
    client.isolated();
    lab.sockets[0]?.end(1006);
    for (let elapsedMs = 0; elapsedMs < 20_000; elapsedMs += 100) {
      if (!lab.last.isClosed) lab.last.end(1006);
      lab.clock.advance(100);
      await settled();
    }
    const before = lab.sockets.length;
    lab.answering.add('ws://a');
    lab.clock.advance(500);
    await settled();
    expect(lab.sockets.length).toBe(before + 1);
  });

  it('asks less often after five minutes, and not at all when it leaves or is put to sleep', async () => {
    for (const end of ['stop', 'pause'] as const) {
      lab = new SignalingLab();
      const client = await lab.joined();
      lab.clock.advance(2_000);
      client.isolated();
      for (let elapsedMs = 0; elapsedMs < 310_000; elapsedMs += 500) {
        lab.clock.advance(500);
        lab.sockets[0]?.say({ type: 'heartbeat' });
        await Promise.resolve();
        await settled();
      }
      const [first, second] = lab.askedAtMs.slice(-2) as [number, number];
      expect(second - first).toBe(5_000);
      client[end]();
      lab.askedAtMs.length = 0;
      lab.clock.advance(60_000);
      expect(lab.askedAtMs).toEqual([]);
    }
  });
});
