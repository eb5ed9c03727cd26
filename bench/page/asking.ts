import type { Link } from '../contestants/link.ts';
import { createPayload, kinds, parsePayload, smallestBytes } from './payload.ts';

export interface StreamOptions {
  sizeBytes: number;
  forMs: number;
  /** How long to wait for the other end to confirm the total. */
  patienceMs: number;
}

export interface StreamResult {
  sent: number;
  /** From the first send to the confirmation of the total; undefined when it never came. */
  elapsedMs?: number;
}

export interface TransferOptions {
  messages: number;
  /** Of each message. */
  sizeBytes: number;
  pingBytes: number;
  patienceMs: number;
}

export interface TransferResult extends StreamResult {
  /** Of the pings that were sent while it ran. */
  roundTripsMs: number[];
}

type Payload = Uint8Array<ArrayBuffer>;

/** The newcomer: asks, and holds the clock. */
export function createAsking(link: Link) {
  const onAnswer = new Map<number, () => void>();
  link.onMessage((payload) => onAnswer.get(parsePayload(payload).kind)?.());

  function nextAnswer(wanted: number): Promise<void> {
    return new Promise((resolve) => onAnswer.set(wanted, resolve));
  }

  async function echo(sizeBytes: number): Promise<void> {
    const answered = nextAnswer(kinds.pong);
    void link.send(createPayload(kinds.ping, 0, sizeBytes));
    await answered;
  }

  /** One ping at a time, the next in the same turn as the answer. */
  function pingWhile(sizeBytes: number, goesOn: (answered: number) => boolean): Promise<number[]> {
    const roundTripsMs: number[] = [];
    return new Promise((resolve) => {
      let sentAtMs = 0;
      const ping = () => {
        sentAtMs = performance.now();
        void link.send(createPayload(kinds.ping, roundTripsMs.length, sizeBytes));
      };
      onAnswer.set(kinds.pong, () => {
        roundTripsMs.push(performance.now() - sentAtMs);
        if (goesOn(roundTripsMs.length)) ping();
        else resolve(roundTripsMs);
      });
      ping();
    });
  }

  async function sendAll(items: Iterable<Payload>, patienceMs: number): Promise<StreamResult> {
    const confirmed = nextAnswer(kinds.received);
    const startedAtMs = performance.now();
    let sent = 0;
    for (const item of items) {
      sent += 1;
      const room = link.send(item);
      if (room) await room;
    }
    await link.send(createPayload(kinds.end, sent, smallestBytes));
    const isConfirmed = await Promise.race([confirmed.then(() => true), wait(patienceMs)]);
    return isConfirmed ? { sent, elapsedMs: performance.now() - startedAtMs } : { sent };
  }

  /** Pings while so many messages cross in the same direction, until the other end has them all. */
  async function pingDuringTransfer(options: TransferOptions): Promise<TransferResult> {
    const { messages, sizeBytes, pingBytes, patienceMs } = options;
    // Made beforehand: what that costs is no library's.
    const items = Array.from({ length: messages }, (_, number) => createPayload(kinds.item, number, sizeBytes));
    let isRunning = true;
    const roundTripsMs = pingWhile(pingBytes, () => isRunning);
    const result = await sendAll(items, patienceMs);
    isRunning = false;
    return { ...result, roundTripsMs: await roundTripsMs };
  }

  return {
    echo,
    pingPong: (sizeBytes: number, count: number) => pingWhile(sizeBytes, (answered) => answered < count),
    stream: ({ sizeBytes, forMs, patienceMs }: StreamOptions) => sendAll(itemsFor(forMs, sizeBytes), patienceMs),
    pingDuringTransfer,
  };
}

function* itemsFor(durationMs: number, sizeBytes: number): Generator<Payload> {
  const endsAtMs = performance.now() + durationMs;
  for (let number = 0; performance.now() < endsAtMs; number++) yield createPayload(kinds.item, number, sizeBytes);
}

function wait(durationMs: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, durationMs, false));
}
