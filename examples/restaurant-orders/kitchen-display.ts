import type { OrderStatus, ReceivedMessage, SyncRequestMessage } from '@innmesh/protocol';
import type { PeerInfo } from '@innmesh/webrtc';
import type { AppOptions } from '../shared/connection.ts';
import { DeviceApp, isHouse } from '../shared/device-app.ts';
import { isFinished, type Order, readOrder, readOrders, supersedes, toOrderMessage, type WireOrder } from './order.ts';
import type { OrderStore } from './order-store.ts';

export interface KitchenDisplayOptions extends AppOptions {
  /** Called once for each new ticket; a page plays a sound. Default: none. */
  onNewTicket?: (ticket: Order) => void;
  /** Keeps tickets over a reload. Default: none; what guests' devices and other displays know comes back by itself. */
  store?: OrderStore;
}

const next: Partial<Record<OrderStatus, OrderStatus>> = {
  pending: 'confirmed',
  confirmed: 'preparing',
  preparing: 'ready',
  ready: 'served',
};

const before: Partial<Record<OrderStatus, OrderStatus>> = {
  confirmed: 'pending',
  preparing: 'confirmed',
  ready: 'preparing',
  served: 'ready',
};

const forgetAfterMs = 12 * 60 * 60 * 1000;

/**
 * A kitchen's display: collects orders into tickets and takes them from `pending` to `served`. Several displays of a
 * property show the same board. The later word on an order stands, whoever spoke it.
 */
export class KitchenDisplayApp extends DeviceApp {
  readonly #orders = new Map<string, Order>();
  readonly #dismissed = new Set<string>();
  readonly #onNewTicket: (ticket: Order) => void;
  readonly #store: OrderStore | undefined;

  constructor(tenantId: string, name: string, options: KitchenDisplayOptions = {}) {
    super(tenantId, { type: 'kitchen-display', name, capabilities: ['orders'] }, options);
    this.#onNewTicket = options.onNewTicket ?? (() => {});
    this.#store = options.store;
    for (const order of this.#store?.load() ?? []) this.#orders.set(order.orderId, order);
    this.connection.on('connected', (peer) => this.#askForOrders(peer));
    this.connection.on('order', ({ order }, from) => this.#heard(order, from));
    this.connection.on('message', (message, from) => this.#heardOther(message, from));
  }

  /** What is to be cooked or served, the oldest first. A cancelled order stays until it is dismissed. */
  get tickets(): readonly Order[] {
    const open = [...this.#orders.values()].filter(
      (order) => !isFinished(order) || (order.status === 'cancelled' && !this.#dismissed.has(order.orderId)),
    );
    return open.sort((a, b) => Date.parse(a.placedAt) - Date.parse(b.placedAt));
  }

  /** What left the board as served, the latest first, for `recall()`. */
  get served(): readonly Order[] {
    const served = [...this.#orders.values()].filter(({ status }) => status === 'served');
    return served.sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt));
  }

  /** One step on: pending → confirmed → preparing → ready → served. Nothing happens to a finished or unknown order. */
  advance(orderId: string): void {
    const order = this.#orders.get(orderId);
    const status = order && next[order.status];
    if (status) this.#setStatus(order, status);
  }

  /** One step back; also brings a served order back to the board. */
  recall(orderId: string): void {
    const order = this.#orders.get(orderId);
    const status = order && before[order.status];
    if (status) this.#setStatus(order, status);
  }

  /** Refuses an order that is not ready yet; the guest reads `reason`. */
  reject(orderId: string, reason: string): void {
    const order = this.#orders.get(orderId);
    if (order && next[order.status] && order.status !== 'ready') this.#setStatus(order, 'rejected', reason);
  }

  /** Takes a cancelled order off this board. */
  dismiss(orderId: string): void {
    if (this.#orders.get(orderId)?.status !== 'cancelled') return;
    this.#dismissed.add(orderId);
    this.changed();
  }

  #setStatus(order: Order, status: OrderStatus, reason?: string): void {
    const { reason: _, ...rest } = order;
    // Later than the word before even when the device that spoke that has a clock ahead of this one's.
    const atMs = Math.max(this.clock.nowMs(), Date.parse(order.updatedAt) + 1);
    const changed = { ...rest, status, updatedAt: new Date(atMs).toISOString(), ...(reason && { reason }) };
    this.#orders.set(order.orderId, changed);
    this.#keep();
    for (const { peerId } of this.#audience(changed)) this.connection.send(toOrderMessage(changed), peerId);
  }

  /** The house, and of the guests only the one who placed it. */
  #audience({ placedBy }: Order): PeerInfo[] {
    return this.connection.getPeers().filter((peer) => {
      const { type, capabilities } = peer.deviceInfo;
      return (
        peer.peerId === placedBy || type === 'kitchen-display' || (isHouse(peer) && capabilities.includes('orders'))
      );
    });
  }

  #askForOrders({ peerId, deviceInfo }: PeerInfo): void {
    if (!['guest', 'pos', 'kitchen-display'].includes(deviceInfo.type)) return;
    this.connection.send({ type: 'sync-request', requestId: this.newId(), scope: 'orders' }, peerId);
  }

  #heardOther(message: ReceivedMessage, from: string): void {
    if (message.type === 'sync-request' && message.scope === 'orders') this.#answer(message, from);
    if (message.type === 'sync-response' && message.scope === 'orders') {
      for (const order of readOrders(message.items)) this.#heard(order, from);
    }
  }

  /** Other displays get everything, with what left the board lately, so that it does not come back on theirs. */
  #answer({ requestId, scope, since }: SyncRequestMessage, from: string): void {
    const sender = this.peer(from);
    if (!sender || !isHouse(sender)) return;
    const orders = [...this.#orders.values()].filter(({ updatedAt }) => !since || updatedAt >= since);
    const items = orders.map((order) => toOrderMessage(order).order);
    this.connection.send({ type: 'sync-response', requestId, scope, items }, from);
  }

  #heard(wire: WireOrder, from: string): void {
    const known = this.#orders.get(wire.orderId);
    if (known && this.#isAnothers(known, from)) return;
    const word = readOrder(wire, { nowMs: this.clock.nowMs(), known, placedBy: this.#placer(wire, from) });
    if (!known) this.#add(word);
    else if (supersedes(word, known)) this.#replace(known, word);
    else this.#insist(known, word, from);
  }

  /** Whoever knows an order's id does not own it. */
  #isAnothers({ placedBy }: Order, from: string): boolean {
    return this.peer(from)?.deviceInfo.type === 'guest' && placedBy !== undefined && placedBy !== from;
  }

  /** The sender, unless it hands on another's order. */
  #placer({ placedBy }: WireOrder, from: string): string | undefined {
    const type = this.peer(from)?.deviceInfo.type;
    if (type === 'guest') return from;
    return placedBy || type === 'kitchen-display' ? undefined : from;
  }

  #add(order: Order): void {
    this.#orders.set(order.orderId, order);
    this.#keep();
    if (order.status === 'pending') this.#onNewTicket(order);
  }

  #replace(known: Order, order: Order): void {
    this.#orders.set(order.orderId, order);
    this.#keep();
    const isBack = known.status === 'cancelled' && order.status === 'pending';
    if (isBack) this.#onNewTicket(order);
  }

  /** The sender is behind, as after a reload: it is told. */
  #insist(known: Order, word: Order, from: string): void {
    const order = word.placedBy ? { ...known, placedBy: word.placedBy } : known;
    this.#orders.set(order.orderId, order);
    if (supersedes(known, word)) this.connection.send(toOrderMessage(order), from);
  }

  #keep(): void {
    const oldestMs = this.clock.nowMs() - forgetAfterMs;
    for (const [orderId, order] of this.#orders) {
      if (isFinished(order) && Date.parse(order.updatedAt) < oldestMs) this.#orders.delete(orderId);
    }
    this.#store?.save([...this.#orders.values()]);
    this.changed();
  }
}
