import type { Order } from './order.ts';

/** Where an app keeps its orders over a reload. */
export interface OrderStore<Kept extends Order = Order> {
  load(): Kept[];
  save(orders: Kept[]): void;
}

const keepMs = 12 * 60 * 60 * 1000;

/** In the browser's `localStorage` or `sessionStorage`, for half a day. */
export function webOrderStore<Kept extends Order>(storage: Storage, key: string): OrderStore<Kept> {
  return {
    load() {
      const oldest = new Date(Date.now() - keepMs).toISOString();
      try {
        const orders = JSON.parse(storage.getItem(key) ?? '[]') as Kept[];
        return orders.filter(({ updatedAt }) => updatedAt > oldest);
      } catch {
        return [];
      }
    },
    save(orders) {
      try {
        storage.setItem(key, JSON.stringify(orders));
      } catch {
        // A full or forbidden storage costs the memory over a reload, not the order.
      }
    },
  };
}
