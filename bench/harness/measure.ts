import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import type { ContestantEntry } from '../contestants/index.ts';
import type { Effort } from '../options.ts';
import type { StreamResult, TransferResult } from '../page/asking.ts';
import type { Tally } from '../page/tally.ts';
import type { CountingProxy } from '../signaling/counting-proxy.ts';
import type { WebSocketBytes } from '../signaling/websocket-byte-counter.ts';
import { openPair, type Pair } from './pages.ts';

export interface StreamMeasurement extends StreamResult, Tally {
  sizeBytes: number;
}

/** A long transfer, and pings that were sent while it ran. */
export interface TransferMeasurement extends TransferResult, Tally {}

/** What one round found out about one contestant, unabridged. */
export interface RoundMeasurement {
  /** Of devices that are here for the first time. */
  firstEchoMs: number[];
  /** Of the same ones, come back in new pages to the room where they met. */
  echoAgainMs: number[];
  signaling: WebSocketBytes;
  roundTripsMs: number[];
  transfers: TransferMeasurement[];
  orders: StreamMeasurement;
  small: StreamMeasurement;
  large: StreamMeasurement;
}

export interface Stage {
  browser: Browser;
  proxy: CountingProxy;
  pageUrl: string;
}

/** An order, as a restaurant sends them. */
const ORDER_BYTES = 300;
const SMALL_BYTES = 1024;
const LARGE_BYTES = 200 * 1024;
/** Within what Innmesh takes as one message, 16 MiB. */
export const TRANSFER_BYTES = 50_000_000;
const SETTLE_MS = 1000;
const WARM_UP_PINGS = 500;
const WARM_UP_STREAM_MS = 600; // SCTP's window and the compilers need about as long to reach their pace
const CONFIRM_PATIENCE_MS = 10_000;

let rooms = 0;

export async function measureRound(
  stage: Stage,
  contestant: ContestantEntry,
  effort: Effort,
): Promise<RoundMeasurement> {
  const meetings: Meeting[] = [];
  for (let left = effort.introductions - 1; left > 0; left--) meetings.push(await meetTwice(stage, contestant));
  const pair = await openPair(stage.browser, stage.pageUrl);
  try {
    const [firstEchoMs, echoAgainMs] = [meetings.map(({ first }) => first), meetings.map(({ again }) => again)];
    firstEchoMs.push(await introduce(stage, contestant, pair, nextRoom()));
    await sleep(SETTLE_MS);
    const signaling = stage.proxy.counted();
    return { firstEchoMs, echoAgainMs, signaling, ...(await measureLink(pair, contestant, effort)) };
  } finally {
    await pair.close();
  }
}

/** The echoes of two devices' first two introductions, in ms. */
export interface Meeting {
  first: number;
  again: number;
}

/** Introduces two fresh devices, and once more when both have closed their pages and come back. */
export async function meetTwice(stage: Stage, contestant: ContestantEntry): Promise<Meeting> {
  const room = nextRoom();
  const pair = await openPair(stage.browser, stage.pageUrl);
  try {
    const first = await introduce(stage, contestant, pair, room);
    await pair.reopen();
    return { first, again: await introduce(stage, contestant, pair, room) };
  } finally {
    await pair.close();
  }
}

const nextRoom = () => `room${++rooms}`;

async function introduce({ proxy }: Stage, { chattyMs }: ContestantEntry, { waiter, newcomer }: Pair, room: string) {
  const env = { signalingUrl: `ws://127.0.0.1:${proxy.port}`, room };
  await Promise.all([waiter.call('warmUp'), newcomer.call('warmUp')]);
  await waiter.call('wait', env);
  await sleep(chattyMs);
  proxy.reset();
  return newcomer.call('firstEcho', env, ORDER_BYTES);
}

async function measureLink(pair: Pair, contestant: ContestantEntry, { pings, transfers, streamMs }: Effort) {
  await pair.newcomer.call('pingPong', ORDER_BYTES, WARM_UP_PINGS);
  const roundTripsMs = await pair.newcomer.call('pingPong', ORDER_BYTES, pings);
  const orders = await measureStream(pair, ORDER_BYTES, streamMs);
  const small = await measureStream(pair, SMALL_BYTES, streamMs);
  const large = await measureStream(pair, LARGE_BYTES, streamMs);
  return { roundTripsMs, orders, small, large, transfers: await measureTransfers(pair, contestant, transfers) };
}

/** After the streams, which have warmed up what large messages need. */
async function measureTransfers(
  { waiter, newcomer }: Pair,
  { takesLongMessages }: ContestantEntry,
  count: number,
): Promise<TransferMeasurement[]> {
  const sizeBytes = takesLongMessages ? TRANSFER_BYTES : LARGE_BYTES;
  const options = { messages: Math.ceil(TRANSFER_BYTES / sizeBytes), sizeBytes, pingBytes: ORDER_BYTES };
  const measured: TransferMeasurement[] = [];
  for (let left = count; left > 0; left--) {
    await waiter.call('expectStream', sizeBytes);
    const result = await newcomer.call('pingDuringTransfer', { ...options, patienceMs: CONFIRM_PATIENCE_MS });
    measured.push({ ...result, ...(await waiter.call('tally')) });
  }
  return measured;
}

async function measureStream(pair: Pair, sizeBytes: number, forMs: number): Promise<StreamMeasurement> {
  await stream(pair, sizeBytes, WARM_UP_STREAM_MS);
  return stream(pair, sizeBytes, forMs);
}

async function stream({ waiter, newcomer }: Pair, sizeBytes: number, forMs: number): Promise<StreamMeasurement> {
  await waiter.call('expectStream', sizeBytes);
  const result = await newcomer.call('stream', { sizeBytes, forMs, patienceMs: CONFIRM_PATIENCE_MS });
  return { sizeBytes, ...result, ...(await waiter.call('tally')) };
}
