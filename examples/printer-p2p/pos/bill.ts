import type { Money } from '@innmesh/protocol';
import { computed, signal } from '@preact/signals';
import type { Transaction } from '../pos-app.ts';

export const currency = 'EUR';

export interface Product {
  name: string;
  price: Money;
}

function product(name: string, amountMinor: number): Product {
  return { name, price: { amountMinor, currency } };
}

/** A house's own list would come from its property management system. */
export const products: Product[] = [
  product('Room, 1 night', 14500),
  product('Breakfast', 2500),
  product('City tax', 350),
  product('Minibar', 1200),
  product('Late check-out', 4000),
  product('Parking, 1 day', 2200),
  product('Laundry', 1800),
  product('Spa access', 3500),
];

export const paymentMethods = ['Card', 'Cash', 'Room charge'];

export interface BillLine extends Product {
  quantity: number;
}

/** What is about to be charged. */
export class Bill {
  readonly #lines = signal<readonly BillLine[]>([]);
  readonly lines = computed(() => this.#lines.value);
  readonly guestName = signal('');
  readonly paymentMethod = signal(paymentMethods[0] ?? '');
  readonly total = computed<Money>(() => {
    const sums = this.#lines.value.map(({ price, quantity }) => price.amountMinor * quantity);
    return { amountMinor: sums.reduce((sum, amount) => sum + amount, 0), currency };
  });

  setQuantity(product: Product, quantity: number): void {
    const lines = this.#lines.value;
    const line = { name: product.name, price: product.price, quantity };
    const isNew = !lines.some(({ name }) => name === product.name);
    const changed = isNew ? [...lines, line] : lines.map((known) => (known.name === product.name ? line : known));
    this.#lines.value = changed.filter((known) => known.quantity > 0);
  }

  quantityOf({ name }: Product): number {
    return this.#lines.value.find((line) => line.name === name)?.quantity ?? 0;
  }

  /** Ends the bill; the next guest's begins. */
  close(transactionId: string): Transaction {
    const guestName = this.guestName.value.trim();
    const transaction = {
      transactionId,
      items: this.#lines.value.map(({ name, price, quantity }) => ({ name, price, quantity })),
      total: this.total.value,
      currency,
      paymentMethod: this.paymentMethod.value,
      ...(guestName && { guestName }),
    };
    this.#lines.value = [];
    this.guestName.value = '';
    return transaction;
  }
}
