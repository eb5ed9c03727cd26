import type { CancelTimer } from '@innmesh/kit';
import type { OrderItem, ReceivedMessage, SyncRequestMessage } from '@innmesh/protocol';
import type { PeerInfo } from '@innmesh/webrtc';
import type { AppOptions } from '../shared/connection.ts';
import { DeviceApp, isHouse } from '../shared/device-app.ts';
import {
  isFinished,
  type Order,
  orderTotal,
  readOrder,
  supersedes,
  tableName,
  toOrderMessage,
  type WireOrder,
} from './order.ts';
import { type DeliveryState, OrderDelivery } from './order-delivery.ts';
import type { OrderStore } from './order-store.ts';

export interface GuestOrderOptions extends AppOptions {
  /** For the kitchen's staff: `Anna`. Default: `Table 5`. */
  name?: string;
  /** What prices are counted in, ISO 4217. Default: `USD`. */
  currency?: string;
  /** An order that no kitchen display has after this time has failed, until `retry()`. Default: 600000 (10 minutes). */
  sendWithinMs?: number;
  /** Keeps orders over a reload. Default: none. */
  store?: OrderStore<PlacedOrder>;
}

export interface OrderDetails {
  /** Of the person who eats: `['nuts']`. */
  allergies?: string[];
  /** For the kitchen, about the whole order. */
  notes?: string;
}

/** An order of this guest's, and whether the kitchen has it. */
export interface PlacedOrder extends Order {
  delivery: DeliveryState;
}

interface Entry {
  order: Order;
  delivery: OrderDelivery;
  cancelExpiry: CancelTimer;
}

/**
 * A guest's device at a table: places orders and follows them. An order goes to the house's devices, never to other
 * guests'; one placed while no kitchen display is in the room goes out when one comes.
 */
export class GuestOrderApp extends DeviceApp {
  readonly tableId: string | number;
  readonly currency: string;
  readonly #entries = new Map<string, Entry>();
  readonly #sendWithinMs: number;
  readonly #store: OrderStore<PlacedOrder> | undefined;

  constructor(tableId: string | number, tenantId: string, options: GuestOrderOptions = {}) {
    super(tenantId, { type: 'guest', name: options.name ?? tableName({ tableId }), capabilities: ['orders'] }, options);
    this.tableId = tableId;
    this.currency = options.currency ?? 'USD';
    this.#sendWithinMs = options.sendWithinMs ?? 10 * 60_000;
    this.#store = options.store;
    for (const { delivery, ...order } of this.#store?.load() ?? []) this.#keep(order, delivery);
    this.onEachPeer((peer) => this.#offerAllTo(peer));
    this.connection.on('order', ({ order }, from) => this.#heard(order, from));
    this.connection.on('message', (message, from) => this.#asked(message, from));
  }

  /** This device's orders, the oldest first. */
  get orders(): PlacedOrder[] {
    return [...this.#entries.values()].map(({ order, delivery }) => ({ ...order, delivery: delivery.state }));
  }

  /**
   * Resolves with the order once this device holds it; what becomes of it shows in `orders`.
   * @throws InvalidMessageError with the path of the wrong field; RangeError for prices in several currencies
   */
  async placeOrder(items: OrderItem[], details: OrderDetails = {}): Promise<Order> {
    const now = this.nowIso();
    const { order: wire } = toOrderMessage({
      orderId: this.newId(),
      tableId: this.tableId,
      items: items as Order['items'],
      total: orderTotal(items, this.currency),
      status: 'pending',
      allergies: details.allergies ?? [],
      ...(details.notes && { notes: details.notes }),
      placedAt: now,
      updatedAt: now,
    });
    const order = readOrder(wire, { nowMs: this.clock.nowMs() });
    this.#offer(this.#keep(order, { state: 'waiting' }));
    return order;
  }

  /** Sends an order again whose delivery failed. */
  retry(orderId: string): void {
    const entry = this.#entries.get(orderId);
    if (entry?.delivery.state.state !== 'failed') return;
    const now = this.#laterThan(entry.order);
    entry.order = { ...entry.order, placedAt: now, updatedAt: now };
    entry.delivery.retry();
    this.#setExpiry(entry);
    this.#offer(entry);
  }

  override disconnect(): void {
    for (const { cancelExpiry } of this.#entries.values()) cancelExpiry();
    super.disconnect();
  }

  #keep(order: Order, state: DeliveryState): Entry {
    const delivery = new OrderDelivery(state, () => this.#orderChanged());
    const entry: Entry = { order, delivery, cancelExpiry: () => {} };
    this.#entries.set(order.orderId, entry);
    if (delivery.isOpen) this.#setExpiry(entry);
    return entry;
  }

  #setExpiry(entry: Entry): void {
    const ageMs = this.clock.nowMs() - Date.parse(entry.order.placedAt);
    const inMs = Math.max(0, this.#sendWithinMs - ageMs);
    entry.cancelExpiry = this.clock.setTimer(() => this.#giveUp(entry), inMs);
  }

  /** What is still on its way is called back: it must not be cooked once the guest has been told that it failed. */
  #giveUp(entry: Entry): void {
    if (!entry.delivery.isOpen) return;
    const minutes = Math.round(this.#sendWithinMs / 60_000);
    entry.order = { ...entry.order, updatedAt: this.#laterThan(entry.order) };
    const message = this.#message({ ...entry.order, status: 'cancelled', reason: 'It came too late.' });
    for (const peerId of entry.delivery.addressed) this.connection.send(message, peerId);
    entry.delivery.fail(`No kitchen display could be reached within ${minutes} minutes.`);
  }

  #laterThan({ updatedAt }: Order): string {
    return new Date(Math.max(this.clock.nowMs(), Date.parse(updatedAt) + 1)).toISOString();
  }

  /** It has arrived when a kitchen display has it; others of the house that deal with orders may look on. */
  #offer(entry: Entry): void {
    for (const peer of this.house()) {
      if (peer.deviceInfo.type === 'kitchen-display') this.#offerTo(peer, entry);
      else if (peer.deviceInfo.capabilities.includes('orders')) this.#showTo(peer, entry);
    }
    this.#orderChanged();
  }

  #offerAllTo(peer: PeerInfo): void {
    for (const entry of this.#entries.values()) this.#offerTo(peer, entry);
  }

  #offerTo({ peerId, deviceInfo }: PeerInfo, { order, delivery }: Entry): void {
    if (deviceInfo.type !== 'kitchen-display') return;
    delivery.sendTo(peerId, () => this.connection.send(this.#message(order), peerId));
  }

  #showTo(onlooker: PeerInfo, { order }: Entry): void {
    this.connection.send(this.#message(order), onlooker.peerId);
  }

  #message(order: Order) {
    return toOrderMessage({ ...order, placedBy: this.peerId });
  }

  #heard(wire: WireOrder, from: string): void {
    const entry = this.#entries.get(wire.orderId);
    const sender = this.peer(from);
    if (!entry || (sender && !isHouse(sender))) return;
    const word = readOrder(wire, { nowMs: this.clock.nowMs(), known: entry.order });
    if (!supersedes(word, entry.order)) return;
    const { status, updatedAt, reason } = word;
    const { reason: _, ...order } = entry.order;
    entry.order = { ...order, status, updatedAt, ...(reason && { reason }) };
    entry.cancelExpiry();
    entry.delivery.received();
    this.#orderChanged();
  }

  #asked(message: ReceivedMessage, from: string): void {
    const sender = this.peer(from);
    if (message.type !== 'sync-request' || message.scope !== 'orders') return;
    if (!sender || isHouse(sender)) this.#answer(message, from);
  }

  /** One by one, so that each is looked at as this table's order. */
  #answer({ since }: SyncRequestMessage, from: string): void {
    const open = [...this.#entries.values()].filter(
      ({ order, delivery }) =>
        !isFinished(order) && delivery.state.state !== 'failed' && !(since && order.updatedAt < since),
    );
    const isKitchen = this.peer(from)?.deviceInfo.type === 'kitchen-display';
    for (const { order, delivery } of open) {
      const { delivered } = this.connection.send(this.#message(order), from);
      // One that did not arrive is asked for again.
      if (isKitchen) delivered.then(() => delivery.received()).catch(() => {});
    }
  }

  #orderChanged(): void {
    this.#store?.save(this.orders);
    this.changed();
  }
}
