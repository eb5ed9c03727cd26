import type { TableView } from '@innmesh/webrtc/enrolment';
import { useSignal } from '@preact/signals';
import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { timeOfDay } from '../shared/words.ts';
import type { Property } from './property.ts';

export function TableList({ property }: { property: Property }) {
  const tables = [...property.tables.value].sort((a, b) => byNumber.compare(a.tableId, b.tableId));
  return (
    <section class="card part" aria-labelledby="tables-title">
      <h2 id="tables-title">Tables</h2>
      {tables.length === 0 && (
        <p class="muted">
          {property.isManager
            ? 'Add a table and print its QR code. Guests who scan it can order while the table is open.'
            : 'No tables yet. A manager adds them.'}
        </p>
      )}
      <ul class="tables">
        {tables.map((table) => (
          <TableCard key={table.tableId} table={table} property={property} />
        ))}
      </ul>
      {property.isManager && <AddTable property={property} />}
    </section>
  );
}

function TableCard({ table: { tableId, session }, property }: { table: TableView; property: Property }) {
  return (
    <li class="table" data-testid="table" data-open={session !== null}>
      <h3>{tableId}</h3>
      <p class="muted">
        {session ? `Open until ${timeOfDay(session.endsAtMs)} · ${phones(session.guests)}` : 'Closed'}
      </p>
      <div class="buttons">
        {session ? (
          <button type="button" class="button" onClick={() => property.closeTable(tableId)}>
            Close
          </button>
        ) : (
          <button type="button" class="button primary" onClick={() => property.openTable(tableId)}>
            Open
          </button>
        )}
        {property.isManager && (
          <button
            type="button"
            class="button quiet"
            aria-label={`QR code of table ${tableId}`}
            onClick={() => property.showTable(tableId)}
          >
            QR code
          </button>
        )}
      </div>
    </li>
  );
}

/** 2 comes before 12. */
const byNumber = new Intl.Collator(undefined, { numeric: true });

const phones = (count: number) => (count === 1 ? '1 phone' : `${count} phones`);

function AddTable({ property }: { property: Property }) {
  const tableId = useSignal('');
  return (
    <form
      class="code-form"
      onSubmit={async (event) => {
        event.preventDefault();
        if (await property.showTable(tableId.value.trim())) tableId.value = '';
      }}
    >
      <label class="field">
        <span>Another table or room</span>
        <input
          class="input"
          required
          maxLength={40}
          pattern=".*\S.*"
          placeholder="12, Terrace 3, Room 205"
          value={tableId.value}
          onInput={({ currentTarget }) => {
            tableId.value = currentTarget.value;
          }}
        />
      </label>
      <button type="submit" class="button">
        <Icon name="plus" />
        Add
      </button>
    </form>
  );
}
