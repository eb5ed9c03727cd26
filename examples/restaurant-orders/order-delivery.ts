import type { Delivery } from '@innmesh/webrtc';

/** How far an order has come on its way to the kitchen. */
export type DeliveryState =
  /** No kitchen display is in the room; it goes out when one comes. */
  | { state: 'waiting' }
  | { state: 'sending' }
  /** A kitchen display has it. */
  | { state: 'received' }
  | { state: 'failed'; reason: string };

/** Follows one order to every kitchen display it is sent to: the first that has it is enough. */
export class OrderDelivery {
  #state: DeliveryState;
  readonly #addressed = new Set<string>();
  readonly #changed: () => void;

  /** `state` is what was known before a reload. What was on its way then has to go out again. */
  constructor(state: DeliveryState, changed: () => void) {
    this.#state = state.state === 'sending' ? { state: 'waiting' } : state;
    this.#changed = changed;
  }

  get state(): DeliveryState {
    return this.#state;
  }

  /** Whether it still has to get there. */
  get isOpen(): boolean {
    return this.#state.state === 'waiting' || this.#state.state === 'sending';
  }

  /** The displays it was sent to and has not been refused by. */
  get addressed(): readonly string[] {
    return [...this.#addressed];
  }

  /** Sends to a display that has not been addressed yet. `send` may throw: the order then waits on. */
  sendTo(peerId: string, send: () => Delivery): void {
    if (!this.isOpen || this.#addressed.has(peerId)) return;
    this.#addressed.add(peerId);
    try {
      this.#follow(peerId, send().delivered);
      this.#become({ state: 'sending' });
    } catch {
      this.#addressed.delete(peerId);
    }
  }

  received(): void {
    if (this.#state.state !== 'received') this.#become({ state: 'received' });
  }

  fail(reason: string): void {
    if (this.isOpen) this.#become({ state: 'failed', reason });
  }

  retry(): void {
    this.#addressed.clear();
    this.#become({ state: 'waiting' });
  }

  /** An order that was given up stays so when a message that was called back arrives late. */
  async #follow(peerId: string, delivered: Promise<void>): Promise<void> {
    try {
      await delivered;
      if (this.isOpen) this.received();
    } catch (error) {
      this.#addressed.delete(peerId);
      if (this.#addressed.size === 0) this.fail((error as Error).message);
    }
  }

  #become(state: DeliveryState): void {
    this.#state = state;
    this.#changed();
  }
}
