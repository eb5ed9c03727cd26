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

/** The newcomer: asks, and holds the clock. */
export function createAsking(link: Link) {
  let onAnswer: (kind: number) => void = () => {};
  link.onMessage((payload) => onAnswer(parsePayload(payload).kind));

  function nextAnswer(wanted: number): Promise<void> {
    return new Promise((resolve) => {
      onAnswer = (kind) => kind === wanted && resolve();
    });
  }

  async function echo(sizeBytes: number): Promise<void> {
    const answered = nextAnswer(kinds.pong);
    void link.send(createPayload(kinds.ping, 0, sizeBytes));
    await answered;
  }

  /** One ping at a time, the next in the same turn as the answer. */
  function pingPong(sizeBytes: number, count: number): Promise<number[]> {
    const roundTripsMs: number[] = [];
    return new Promise((resolve) => {
      let sentAtMs = 0;
      const ping = () => {
        sentAtMs = performance.now();
        void link.send(createPayload(kinds.ping, roundTripsMs.length, sizeBytes));
      };
      onAnswer = (kind) => {
        if (kind !== kinds.pong) return;
        roundTripsMs.push(performance.now() - sentAtMs);
        if (roundTripsMs.length < count) ping();
        else resolve(roundTripsMs);
      };
      ping();
    });
  }

  async function stream({ sizeBytes, forMs, patienceMs }: StreamOptions): Promise<StreamResult> {
    const confirmed = nextAnswer(kinds.received);
    const startedAtMs = performance.now();
    let sent = 0;
    while (performance.now() - startedAtMs < forMs) {
      const room = link.send(createPayload(kinds.item, sent++, sizeBytes));
      if (room) await room;
    }
    await link.send(createPayload(kinds.end, sent, smallestBytes));
    const isConfirmed = await Promise.race([confirmed.then(() => true), wait(patienceMs)]);
    return isConfirmed ? { sent, elapsedMs: performance.now() - startedAtMs } : { sent };
  }

  return { echo, pingPong, stream };
}

function wait(durationMs: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, durationMs, false));
}
