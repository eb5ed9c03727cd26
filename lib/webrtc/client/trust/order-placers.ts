import { dropOldest } from '@innmesh/kit';
import type { OrderMessage, Party, ReceivedMessage } from '@innmesh/protocol';

/** Orders of some weeks. */
const MAX_ORDERS = 10_000;

/** Which guest placed an order, which is who alone of all guests gets word of it, also from an application that forgot. */
export class OrderPlacers {
  readonly #byOrder = new Map<string, string>();

  /** A message as it leaves this device. */
  complete(message: ReceivedMessage, self: Party, target: Party | null): ReceivedMessage {
    if (message.type !== 'order' || message.order.placedBy !== undefined) return message;
    const guest = [self, target].find((party) => party?.role === 'guest')?.peerId;
    return withPlacer(message, guest ?? this.#byOrder.get(message.order.orderId));
  }

  /** A message as it has come. */
  named(message: ReceivedMessage, writer: Party): ReceivedMessage {
    if (message.type !== 'order' || writer.role !== 'guest') return message;
    return withPlacer(message, message.order.placedBy ?? writer.peerId);
  }

  /** Whether a guest speaks of an order that another guest has placed: who knows its id does not own it. */
  isAnothers(message: ReceivedMessage, writer: Party): boolean {
    if (message.type !== 'order' || writer.role !== 'guest') return false;
    return (this.#byOrder.get(message.order.orderId) ?? writer.peerId) !== writer.peerId;
  }

  /** An order that was taken. */
  remember(message: ReceivedMessage): void {
    if (message.type !== 'order') return;
    const { orderId, placedBy } = message.order;
    if (placedBy !== undefined) this.#keep(orderId, placedBy);
  }

  #keep(orderId: string, placedBy: string): void {
    if (this.#byOrder.has(orderId)) return;
    this.#byOrder.set(orderId, placedBy);
    dropOldest(this.#byOrder, MAX_ORDERS);
  }
}

function withPlacer(message: OrderMessage, placedBy: string | undefined): OrderMessage {
  return placedBy === undefined ? message : { ...message, order: { ...message.order, placedBy } };
}
