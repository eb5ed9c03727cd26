import { computed, signal } from '@preact/signals';
import type { GuestOrderApp } from '../guest-order.ts';
import { Cart } from './cart.ts';

/** What the guest's page keeps beside the orders. */
export class GuestState {
  readonly app: GuestOrderApp;
  readonly cart = new Cart();
  /** Ticked from the list. */
  readonly allergies = signal<ReadonlySet<string>>(new Set());
  /** In the guest's own words. */
  readonly otherAllergies = signal('');
  readonly notes = signal('');
  /** Which of the two a phone shows; a wide screen shows both. */
  readonly view = signal<'menu' | 'order'>('menu');
  readonly placing = signal(false);
  /** Why placing an order did not work. */
  readonly problem = signal('');
  readonly allAllergies = computed(() => {
    const other = this.otherAllergies.value.split(/[,;\n]/).map((word) => word.trim().slice(0, 100));
    return [...this.allergies.value, ...other.filter(Boolean)];
  });

  constructor(app: GuestOrderApp) {
    this.app = app;
  }

  toggleAllergy(name: string): void {
    const allergies = new Set(this.allergies.value);
    if (!allergies.delete(name)) allergies.add(name);
    this.allergies.value = allergies;
  }

  show(view: 'menu' | 'order'): void {
    this.view.value = view;
    scrollTo({ top: 0 });
  }

  async place(): Promise<void> {
    if (this.placing.value) return;
    this.placing.value = true;
    this.problem.value = '';
    try {
      const details = { allergies: this.allAllergies.value, notes: this.notes.value.trim() };
      await this.app.placeOrder(this.cart.toOrderItems(), details);
      this.cart.clear();
      this.notes.value = '';
      this.show('order');
    } catch (error) {
      this.problem.value = (error as Error).message;
    } finally {
      this.placing.value = false;
    }
  }
}
