import {
  type Money,
  type OrderItem,
  type OrderMessage,
  type OrderStatus,
  type Price,
  parseMessage,
  toMoney,
} from '@innmesh/protocol';
import { foreignTime } from '../shared/foreign-time.ts';

export interface OrderLine {
  itemId: string;
  name: string;
  quantity: number;
  /** For one. */
  price?: Money;
  /** For the kitchen: `No onions`. */
  notes?: string;
}

/** A table's order as the apps keep it. */
export interface Order {
  orderId: string;
  tableId: string | number;
  items: OrderLine[];
  total: Money;
  status: OrderStatus;
  /** Of the person who eats. */
  allergies: string[];
  /** For the kitchen, about the whole order. */
  notes?: string;
  /** ISO 8601, by the clock of the device that placed it. */
  placedAt: string;
  /** When the status last changed; each change is later than the one before, whoever's clock it is. */
  updatedAt: string;
  /** Why it was cancelled or rejected. */
  reason?: string;
  /** The peerId of the device that placed it. */
  placedBy?: string;
}

/** With the fields that are the apps' own, which others may fill with anything. */
export type WireOrder = OrderMessage['order'] & { placedBy?: unknown; notes?: unknown };

const ranks: Record<OrderStatus, number> = {
  pending: 0,
  confirmed: 1,
  preparing: 2,
  ready: 3,
  served: 4,
  cancelled: 5,
  rejected: 5,
};

export function isFinished({ status }: Pick<Order, 'status'>): boolean {
  return ranks[status] >= ranks.served;
}

/** Whether `word` replaces what is known of the same order: the later one does, and of the same time the further one. */
export function supersedes(word: Order, known: Order): boolean {
  const laterMs = Date.parse(word.updatedAt) - Date.parse(known.updatedAt);
  return laterMs > 0 || (laterMs === 0 && ranks[word.status] > ranks[known.status]);
}

/** What the items cost together; those without a price count as 0. */
export function orderTotal(items: Pick<OrderItem, 'price' | 'quantity'>[], currency: string): Money {
  let amountMinor = 0;
  for (const { price, quantity } of items) {
    const money = toMoney((price as Price | undefined) ?? 0, currency);
    if (money.currency !== currency) throw new RangeError(`An order in ${currency} has a price in ${money.currency}`);
    amountMinor += money.amountMinor * quantity;
  }
  return { amountMinor, currency };
}

/** The number that guest and kitchen call an order by. */
export function ticketNumber({ orderId }: Pick<Order, 'orderId'>): string {
  return orderId.slice(-4).toUpperCase();
}

/** `Table 5`, `Table A12`; a place with a name of its own keeps it: `Terrace 11`. */
export function tableName({ tableId }: Pick<Order, 'tableId'>): string {
  return /^\S{1,4}$/.test(`${tableId}`) ? `Table ${tableId}` : `${tableId}`;
}

export function toOrderMessage({ total, ...order }: Order): OrderMessage {
  const message = { type: 'order', order: { ...order, total, currency: total.currency } };
  return parseMessage(withoutUndefined(message)) as OrderMessage;
}

export interface ReadOrderContext {
  nowMs: number;
  /** What is known of the same order: a word that does not say when it was spoken counts as just as old. */
  known?: Order | undefined;
  /** The sender, when it is one that places orders. */
  placedBy?: string | undefined;
}

/** The order in a message, with times that are missing filled in. */
export function readOrder(wire: WireOrder, { nowMs, known, placedBy }: ReadOrderContext): Order {
  const now = new Date(nowMs).toISOString();
  const { orderId, tableId, total, status, allergies = [], reason } = wire;
  const updatedAt = foreignTime(wire.updatedAt);
  const placedAt = foreignTime(wire.placedAt) ?? known?.placedAt ?? updatedAt ?? now;
  const sender = placedBy ?? (typeof wire.placedBy === 'string' ? wire.placedBy : known?.placedBy);
  return withoutUndefined({
    ...{ orderId, tableId, total, status, allergies, placedAt, reason },
    items: wire.items.map(readLine),
    updatedAt: updatedAt ?? known?.updatedAt ?? placedAt,
    notes: typeof wire.notes === 'string' ? wire.notes : undefined,
    placedBy: sender,
  });
}

function readLine({ itemId, name, quantity, price, notes }: WireOrder['items'][number]): OrderLine {
  return { itemId, name, quantity, ...(price && { price }), ...(notes && { notes }) };
}

/** What of `items` is an order; the rest is passed over. */
export function readOrders(items: unknown[]): WireOrder[] {
  return items.flatMap((order) => {
    try {
      return [(parseMessage({ type: 'order', order }) as OrderMessage).order];
    } catch {
      return [];
    }
  });
}

/** JSON has no `undefined`, and a message with one is refused. */
function withoutUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
