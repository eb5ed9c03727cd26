import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { wordsOf } from '../shared/words.ts';
import type { GuestArrival } from './guest-arrival.ts';

export function TablePage({ arrival }: { arrival: GuestArrival }) {
  const state = arrival.state.value;
  switch (state.step) {
    case 'arriving':
      return (
        <p class="empty" role="status">
          Looking for your table …
        </p>
      );
    case 'waiting':
      return (
        <section class="card sheet" data-testid="waiting">
          <Icon name="table" />
          <h2>Welcome! Your table is not open yet</h2>
          <p>Tell the staff that you are here. The menu opens by itself as soon as they have opened your table.</p>
          <p class="status" role="status">
            <span class="dot" />
            <span>Waiting for the staff</span>
          </p>
        </section>
      );
    case 'seated':
      return (
        <section class="card sheet" data-testid="seated">
          <Icon name="check" />
          <h2>You are at table {state.table}</h2>
          <a class="button primary wide" href={state.orderUrl}>
            To the menu
          </a>
        </section>
      );
    case 'no-code':
      return (
        <section class="card sheet" data-testid="no-code">
          <Icon name="table" />
          <h2>Scan the code at your table</h2>
          <p>It tells the kitchen where you sit. The camera of your phone reads it, and the menu opens by itself.</p>
        </section>
      );
    case 'wrong-code':
      return (
        <section class="card sheet" role="alert">
          <Icon name="alert" />
          <h2>This code does not let this phone in</h2>
          <p class="muted">{state.words}</p>
        </section>
      );
    case 'failed':
      return (
        <section class="card sheet" role="alert">
          <Icon name="offline" />
          <h2>The hotel cannot be reached</h2>
          <p class="muted">Is this phone on the hotel’s WiFi? {wordsOf(state.error)}</p>
          <button type="button" class="button primary wide" onClick={() => arrival.arrive()}>
            Try again
          </button>
        </section>
      );
  }
}
