import type { InnmeshError } from '@innmesh/protocol';
import { DeliveryError, type DeliveryFailure } from '../errors.ts';
import type { Delivery } from '../public-types.ts';

/** A page's deliveries that are not decided yet, by id: they outlive the session that made them. */
export type OpenDeliveries = Map<string, DeliveryTracker>;

/** The sender's end of a `Delivery`. */
export class DeliveryTracker implements Delivery {
  /** Another one once the tab that leads has given it its number. */
  id: string;
  readonly stored: Promise<void>;
  readonly delivered: Promise<void>;
  #status: Delivery['status'] = 'pending';
  readonly #type: string;
  readonly #settle: { resolve(): void; reject(error: InnmeshError): void };

  constructor(id: string, type: string, stored: Promise<void> = Promise.resolve()) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // Whoever does not ask what became of a message is not told by way of an unhandled rejection either.
    promise.catch(() => {});
    this.id = id;
    this.stored = stored;
    this.delivered = promise;
    this.#type = type;
    this.#settle = { resolve, reject };
  }

  get status(): Delivery['status'] {
    return this.#status;
  }

  succeed(): void {
    if (this.#status !== 'pending') return;
    this.#status = 'delivered';
    this.#settle.resolve();
  }

  fail(reason: DeliveryFailure): void {
    this.failWith(new DeliveryError(this.#type, reason));
  }

  failWith(error: InnmeshError): void {
    if (this.#status !== 'pending') return;
    this.#status = 'failed';
    this.#settle.reject(error);
  }
}
