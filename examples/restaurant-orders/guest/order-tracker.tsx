import { formatMoney } from '@innmesh/protocol';
import { formatTime } from '../../shared/ui/format.ts';
import { Icon } from '../../shared/ui/icons.tsx';
import { useChanges } from '../../shared/ui/use-changes.ts';
import type { GuestOrderApp, PlacedOrder } from '../guest-order.ts';
import { ticketNumber } from '../order.ts';

/** The guest's orders, the latest first, each with how far it is. */
export function OrderTracker({ app }: { app: GuestOrderApp }) {
  useChanges(app);
  const orders = [...app.orders].reverse();
  if (orders.length === 0) return null;
  return (
    <section class="tracker" aria-label="Your orders">
      {orders.map((order) => (
        <OrderCard key={order.orderId} order={order} retry={() => app.retry(order.orderId)} />
      ))}
    </section>
  );
}

function OrderCard({ order, retry }: { order: PlacedOrder; retry(): void }) {
  const { headline, details, tone } = describe(order);
  return (
    <article
      class="card order-card"
      data-tone={tone}
      data-testid="order"
      data-status={order.status}
      data-delivery={order.delivery.state}
    >
      <header>
        <p class="muted numeric">
          Order {ticketNumber(order)} · {formatTime(order.placedAt)}
        </p>
        <div role="status">
          <h2>{headline}</h2>
          {details && <p>{details}</p>}
        </div>
      </header>
      {tone === 'failed' && order.delivery.state === 'failed' && (
        <button class="button primary" type="button" onClick={retry}>
          <Icon name="send" /> Send again
        </button>
      )}
      {tone !== 'failed' && <Steps order={order} />}
      <Summary order={order} />
    </article>
  );
}

const steps = ['Received', 'Confirmed', 'Preparing', 'Ready'];
const stepsDone: Partial<Record<PlacedOrder['status'], number>> = { confirmed: 2, preparing: 3, ready: 4, served: 4 };

function Steps({ order }: { order: PlacedOrder }) {
  const done = stepsDone[order.status] ?? (order.delivery.state === 'received' ? 1 : 0);
  return (
    <ol class="steps">
      {steps.map((step, index) => (
        <li key={step} data-done={index < done} aria-current={index === done - 1 ? 'step' : undefined}>
          <span class="mark">{index < done && <Icon name="check" />}</span>
          {step}
        </li>
      ))}
    </ol>
  );
}

function Summary({ order: { items, total, allergies, notes } }: { order: PlacedOrder }) {
  return (
    <div class="summary">
      <ul>
        {items.map(({ itemId, quantity, name, notes: note }) => (
          <li key={itemId}>
            <span class="numeric">{quantity} ×</span> {name}
            {note && <em> {note}</em>}
          </li>
        ))}
      </ul>
      {allergies.length > 0 && <p class="warned">The kitchen is told of: {allergies.join(', ')}</p>}
      {notes && <p class="muted">{notes}</p>}
      <p class="sum">
        <span>Total</span>
        <strong class="numeric">{formatMoney(total)}</strong>
      </p>
    </div>
  );
}

interface Description {
  headline: string;
  details?: string;
  tone: 'waiting' | 'going' | 'ready' | 'done' | 'failed';
}

function describe({ status, delivery, reason }: PlacedOrder): Description {
  switch (status) {
    case 'pending':
      return describeDelivery(delivery);
    case 'confirmed':
      return { headline: 'Confirmed by the kitchen', tone: 'going' };
    case 'preparing':
      return { headline: 'Being prepared', tone: 'going' };
    case 'ready':
      return { headline: 'Ready', details: 'It is on its way to your table.', tone: 'ready' };
    case 'served':
      return { headline: 'Served', details: 'Enjoy!', tone: 'done' };
    case 'rejected':
      return {
        headline: 'The kitchen cannot make this order',
        details: reason ?? 'Please ask your waiter.',
        tone: 'failed',
      };
    case 'cancelled':
      return { headline: 'Cancelled', details: reason ?? '', tone: 'failed' };
  }
}

function describeDelivery(delivery: PlacedOrder['delivery']): Description {
  switch (delivery.state) {
    case 'waiting':
      return {
        headline: 'Waiting for the kitchen',
        details: 'It is not online at the moment. Keep this page open: your order goes out as soon as it is.',
        tone: 'waiting',
      };
    case 'sending':
      return { headline: 'On its way to the kitchen', tone: 'waiting' };
    case 'received':
      return { headline: 'The kitchen has your order', tone: 'going' };
    case 'failed':
      return { headline: 'Not delivered', details: `${delivery.reason} Nothing was ordered.`, tone: 'failed' };
  }
}
