import type { Money, OrderItem } from '@innmesh/protocol';
import { computed, signal } from '@preact/signals';
import { orderTotal } from '../order.ts';
import { currency, type MenuItem } from './menu.ts';

export interface CartLine {
  item: MenuItem;
  quantity: number;
  notes: string;
}

/** What a guest has chosen and not ordered yet. */
export class Cart {
  readonly #lines = signal<ReadonlyMap<string, CartLine>>(new Map());
  readonly lines = computed(() => [...this.#lines.value.values()]);
  readonly count = computed(() => this.lines.value.reduce((sum, { quantity }) => sum + quantity, 0));
  readonly total = computed<Money>(() =>
    orderTotal(
      this.lines.value.map(({ item, quantity }) => ({ price: item.price, quantity })),
      currency,
    ),
  );

  quantityOf({ itemId }: MenuItem): number {
    return this.#lines.value.get(itemId)?.quantity ?? 0;
  }

  setQuantity(item: MenuItem, quantity: number): void {
    const lines = new Map(this.#lines.value);
    const notes = lines.get(item.itemId)?.notes ?? '';
    if (quantity > 0) lines.set(item.itemId, { item, quantity, notes });
    else lines.delete(item.itemId);
    this.#lines.value = lines;
  }

  setNotes(item: MenuItem, notes: string): void {
    const line = this.#lines.value.get(item.itemId);
    if (line) this.#lines.value = new Map(this.#lines.value).set(item.itemId, { ...line, notes });
  }

  clear(): void {
    this.#lines.value = new Map();
  }

  toOrderItems(): OrderItem[] {
    return this.lines.value.map(({ item: { itemId, name, price }, quantity, notes }) => ({
      ...{ itemId, name, price, quantity },
      ...(notes.trim() && { notes: notes.trim() }),
    }));
  }
}
