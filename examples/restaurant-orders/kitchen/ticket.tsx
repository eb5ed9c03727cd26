import type { ReadonlySignal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { formatElapsed } from '../../shared/ui/format.ts';
import { Icon } from '../../shared/ui/icons.tsx';
import type { KitchenDisplayApp } from '../kitchen-display.ts';
import { type Order, type OrderLine, tableName, ticketNumber } from '../order.ts';
import { rejectionReasons, type Station, urgency } from './stations.ts';

interface TicketProps {
  ticket: Order;
  station: Station;
  app: KitchenDisplayApp;
  nowMs: ReadonlySignal<number>;
}

export function Ticket({ ticket, station, app, nowMs }: TicketProps) {
  const elapsedMs = nowMs.value - Date.parse(ticket.placedAt);
  const { orderId, allergies, items, notes, status } = ticket;
  return (
    <li>
      <article
        class="ticket"
        aria-label={`${tableName(ticket)}, order ${ticketNumber(ticket)}`}
        data-testid="ticket"
        data-order={orderId}
        data-status={status}
        data-urgency={urgency(elapsedMs)}
      >
        <header>
          <h3>{tableName(ticket)}</h3>
          <span class="number numeric">{ticketNumber(ticket)}</span>
          <time class="elapsed numeric" dateTime={ticket.placedAt}>
            {formatElapsed(elapsedMs)}
          </time>
        </header>
        {allergies.length > 0 && <AllergyBanner allergies={allergies} />}
        <ul class="lines">
          {items.map((line, index) => (
            <Line key={`${index}-${line.itemId}`} line={line} />
          ))}
        </ul>
        {notes && <p class="order-note">{notes}</p>}
        {status === 'cancelled' ? (
          <button class="button wide" type="button" onClick={() => app.dismiss(orderId)}>
            Cancelled: take off
          </button>
        ) : (
          <Actions ticket={ticket} station={station} app={app} />
        )}
      </article>
    </li>
  );
}

function AllergyBanner({ allergies }: { allergies: string[] }) {
  return (
    <p class="allergy" data-testid="allergy">
      <Icon name="alert" />
      <span>
        <strong>Allergy</strong> {allergies.join(', ')}
      </span>
    </p>
  );
}

function Line({ line: { name, quantity, notes } }: { line: OrderLine }) {
  return (
    <li>
      <span class="quantity numeric">{quantity}</span>
      <span class="name">
        {name}
        {notes && <span class="note">{notes}</span>}
      </span>
    </li>
  );
}

/** So long after a step, a second tap is taken for a slip of the same finger. */
const SETTLE_MS = 350;

function Actions({ ticket: { orderId, status }, station, app }: Omit<TicketProps, 'nowMs'>) {
  const [rejecting, setRejecting] = useState(false);
  const settling = useSettling(status);
  if (rejecting)
    return <Rejection reject={(reason) => app.reject(orderId, reason)} cancel={() => setRejecting(false)} />;
  return (
    <footer>
      {status === 'pending' ? (
        <button class="button second" type="button" onClick={() => setRejecting(true)}>
          Reject
        </button>
      ) : (
        <button class="button second" type="button" aria-label="One step back" onClick={() => app.recall(orderId)}>
          <Icon name="recall" />
        </button>
      )}
      <button class="button primary" type="button" disabled={settling} onClick={() => app.advance(orderId)}>
        {station.action}
      </button>
    </footer>
  );
}

function useSettling(status: string): boolean {
  const [settled, setSettled] = useState(status);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(status), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [status]);
  return settled !== status;
}

function Rejection({ reject, cancel }: { reject(reason: string): void; cancel(): void }) {
  return (
    <fieldset class="rejection" aria-label="Why is it rejected?">
      {rejectionReasons.map((reason) => (
        <button class="button" type="button" key={reason} onClick={() => reject(reason)}>
          {reason}
        </button>
      ))}
      <button class="button quiet" type="button" onClick={cancel}>
        Keep the order
      </button>
    </fieldset>
  );
}
