import { formatMoney } from '@innmesh/protocol';
import { useState } from 'preact/hooks';
import { Icon } from '../../shared/ui/icons.tsx';
import { Stepper } from '../../shared/ui/stepper.tsx';
import { useChanges } from '../../shared/ui/use-changes.ts';
import type { CartLine } from './cart.ts';
import type { GuestState } from './guest-state.ts';
import { allergens } from './menu.ts';
import { Contains } from './menu-view.tsx';

/** What is about to be ordered: lines, allergies, a note, the sum. */
export function OrderPanel({ state }: { state: GuestState }) {
  const { cart } = state;
  if (cart.count.value === 0) return <EmptyOrder state={state} />;
  return (
    <form
      class="card order-panel"
      aria-labelledby="order-title"
      onSubmit={(event) => {
        event.preventDefault();
        void state.place();
      }}
    >
      <h2 id="order-title">Your order</h2>
      <ul class="lines">
        {cart.lines.value.map((line) => (
          <Line key={line.item.itemId} line={line} state={state} />
        ))}
      </ul>
      <Allergies state={state} />
      <label class="field">
        <span>Anything else for the kitchen?</span>
        <textarea
          class="input"
          rows={2}
          maxLength={500}
          placeholder="Starters and mains together, please"
          value={state.notes.value}
          onInput={({ currentTarget }) => {
            state.notes.value = currentTarget.value;
          }}
        />
      </label>
      <Submit state={state} />
    </form>
  );
}

function Submit({ state }: { state: GuestState }) {
  return (
    <div class="submit">
      <p class="sum">
        <span>Total</span>
        <strong class="numeric" data-testid="order-total">
          {formatMoney(state.cart.total.value)}
        </strong>
      </p>
      {state.problem.value && (
        <p class="notice error" role="alert">
          <Icon name="alert" />
          {state.problem.value}
        </p>
      )}
      <button class="button primary wide" type="submit" disabled={state.placing.value}>
        {state.placing.value ? 'Placing…' : 'Place order'}
      </button>
    </div>
  );
}

function Line({ line: { item, quantity, notes }, state }: { line: CartLine; state: GuestState }) {
  const [open, setOpen] = useState(notes !== '');
  const sum = { ...item.price, amountMinor: item.price.amountMinor * quantity };
  return (
    <li class="line" data-testid={`line-${item.itemId}`}>
      <div class="words">
        <h3>{item.name}</h3>
        <p class="numeric muted">{formatMoney(sum)}</p>
        <Contains item={item} state={state} />
      </div>
      <Stepper name={item.name} quantity={quantity} change={(changed) => state.cart.setQuantity(item, changed)} />
      {open ? (
        <input
          class="input"
          aria-label={`Note for ${item.name}`}
          maxLength={200}
          placeholder="No onions"
          value={notes}
          onInput={({ currentTarget }) => state.cart.setNotes(item, currentTarget.value)}
        />
      ) : (
        <button class="add-note" type="button" onClick={() => setOpen(true)}>
          <Icon name="note" /> Add a note<span class="visually-hidden"> for {item.name}</span>
        </button>
      )}
    </li>
  );
}

function Allergies({ state }: { state: GuestState }) {
  return (
    <fieldset class="field allergies">
      <legend>Any allergies?</legend>
      <div class="chips">
        {allergens.map((name) => (
          <label class="chip" key={name}>
            <input
              type="checkbox"
              checked={state.allergies.value.has(name)}
              onChange={() => state.toggleAllergy(name)}
            />
            {name}
          </label>
        ))}
      </div>
      <input
        class="input"
        aria-label="Other allergies"
        maxLength={200}
        placeholder="Others, separated by commas"
        value={state.otherAllergies.value}
        onInput={({ currentTarget }) => {
          state.otherAllergies.value = currentTarget.value;
        }}
      />
    </fieldset>
  );
}

function EmptyOrder({ state }: { state: GuestState }) {
  useChanges(state.app);
  if (state.app.orders.length > 0) return null;
  return (
    <div class="card order-panel empty">
      <Icon name="receipt" />
      <p>
        <strong>Nothing chosen yet</strong>
      </p>
      <p>Add dishes from the menu with the + beside them.</p>
    </div>
  );
}
