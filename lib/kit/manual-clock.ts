import type { CancelTimer, Clock } from './clock.ts';

interface Timer {
  readonly dueMs: number;
  /** Of two that are due at once, the one that was set first comes first. */
  readonly order: number;
  callback: (() => void) | null;
}

/** A clock that stands still until `advance()`; timers fire in the order in which they are due. */
export class ManualClock implements Clock {
  #nowMs: number;
  /** A binary heap, the next one due at its top; those that were taken back lie in it until they come up. */
  readonly #heap: Timer[] = [];
  #pending = 0;
  #order = 0;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(callback: () => void, delayMs: number): CancelTimer {
    this.#order += 1;
    const timer: Timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, callback };
    this.#push(timer);
    this.#pending += 1;
    return () => {
      if (!timer.callback) return;
      timer.callback = null;
      this.#pending -= 1;
    };
  }

  /** Moves time on by `byMs`, firing what falls due on the way. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    while (this.nextDueMs <= endMs) {
      const { callback, dueMs } = this.#pop() as Timer;
      this.#nowMs = dueMs;
      callback?.();
    }
    this.#nowMs = endMs;
  }

  get pendingTimers(): number {
    return this.#pending;
  }

  /** `Infinity` where no timer is set. */
  get nextDueMs(): number {
    while (this.#heap[0]?.callback === null) this.#pop();
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(timer, heap[above] as Timer)) break;
      heap[at] = heap[above] as Timer;
      at = above;
    }
    heap[at] = timer;
  }

  #pop(): Timer | undefined {
    const heap = this.#heap;
    const [top] = heap;
    const last = heap.pop();
    if (!top || !last || heap.length === 0) return this.#fired(top);
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Timer, heap[below] as Timer)) below += 1;
      if (!isBefore(heap[below] as Timer, last)) break;
      heap[at] = heap[below] as Timer;
      at = below;
    }
    heap[at] = last;
    return this.#fired(top);
  }

  #fired(timer: Timer | undefined): Timer | undefined {
    if (!timer) return undefined;
    const fired = { ...timer };
    if (timer.callback) this.#pending -= 1;
    timer.callback = null;
    return fired;
  }
}

const isBefore = (one: Timer, other: Timer) =>
  one.dueMs < other.dueMs || (one.dueMs === other.dueMs && one.order < other.order);
