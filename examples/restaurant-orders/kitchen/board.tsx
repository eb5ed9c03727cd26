import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useChanges } from '../../shared/ui/use-changes.ts';
import type { KitchenDisplayApp } from '../kitchen-display.ts';
import type { Order } from '../order.ts';
import { type Station, stations } from './stations.ts';
import { Ticket } from './ticket.tsx';

interface BoardProps {
  app: KitchenDisplayApp;
  nowMs: ReadonlySignal<number>;
}

/** A column for each station. A narrow screen shows one at a time, a tablet two and two, a wall screen all. */
export function Board({ app, nowMs }: BoardProps) {
  useChanges(app);
  const selected = useSignal<string>('pending');
  const columns = stations.map((station) => ({ station, tickets: ticketsAt(app.tickets, station) }));
  const halves = [columns.slice(0, 2), columns.slice(2)];
  return (
    <main class="board">
      <nav class="tabs" aria-label="Stations">
        {columns.map(({ station, tickets }) => (
          <button
            key={station.status}
            type="button"
            aria-pressed={selected.value === station.status}
            onClick={() => {
              selected.value = station.status;
            }}
          >
            {station.title} <span class="count numeric">{tickets.length}</span>
          </button>
        ))}
      </nav>
      {halves.map((half) => (
        <div class="half" key={half[0]?.station.status}>
          {half.map(({ station, tickets }) => (
            <Column
              key={station.status}
              {...{ app, nowMs, station, tickets }}
              selected={selected.value === station.status}
            />
          ))}
        </div>
      ))}
    </main>
  );
}

interface ColumnProps extends BoardProps {
  station: Station;
  tickets: Order[];
  selected: boolean;
}

function Column({ app, nowMs, station, tickets, selected }: ColumnProps) {
  const { status, title } = station;
  return (
    <section
      class="column"
      data-testid={`column-${status}`}
      data-status={status}
      data-selected={selected}
      aria-labelledby={`station-${status}`}
    >
      <h2 id={`station-${status}`}>
        {title} <span class="count numeric">{tickets.length}</span>
      </h2>
      <ul class="tickets">
        {tickets.map((ticket) => (
          <Ticket key={ticket.orderId} {...{ ticket, station, app, nowMs }} />
        ))}
      </ul>
      {tickets.length === 0 && <p class="nothing">{nothing(station)}</p>}
    </section>
  );
}

/** A cancelled order stays where a cook looks first. */
function ticketsAt(tickets: readonly Order[], { status }: Station): Order[] {
  return tickets.filter((ticket) => (ticket.status === 'cancelled' ? 'pending' : ticket.status) === status);
}

function nothing({ status }: Station): string {
  return status === 'pending' ? 'No new orders' : 'Empty';
}
