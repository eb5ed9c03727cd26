import { formatMoney } from '@innmesh/protocol';
import type { ConnectionMonitor } from '../../shared/connection-monitor.ts';
import { ConnectionNotice } from '../../shared/ui/connection-badge.tsx';
import { Icon } from '../../shared/ui/icons.tsx';
import { PageHeader } from '../../shared/ui/page-header.tsx';
import { useChanges } from '../../shared/ui/use-changes.ts';
import { isFinished, tableName } from '../order.ts';
import type { GuestState } from './guest-state.ts';
import { MenuView } from './menu-view.tsx';
import { OrderPanel } from './order-panel.tsx';
import { OrderTracker } from './order-tracker.tsx';

export interface GuestPageProps {
  state: GuestState;
  monitor: ConnectionMonitor;
  tenant: string;
}

export function GuestPage({ state, monitor, tenant }: GuestPageProps) {
  return (
    <>
      <PageHeader tenant={tenant} title={tableName(state.app)} monitor={monitor} waiting="Waiting for the kitchen" />
      <main class="guest" data-view={state.view.value}>
        <div class="notices">
          <ConnectionNotice monitor={monitor} />
        </div>
        <MenuView state={state} />
        <aside class="side">
          <button class="button quiet back" type="button" onClick={() => state.show('menu')}>
            <Icon name="back" /> Menu
          </button>
          <OrderPanel state={state} />
          <OrderTracker app={state.app} />
          <OrderMore state={state} />
        </aside>
      </main>
      <SummaryBar state={state} />
    </>
  );
}

/** On a phone, where nothing is left to do on this side. */
function OrderMore({ state }: { state: GuestState }) {
  if (state.cart.count.value > 0) return null;
  return (
    <button class="button quiet more" type="button" onClick={() => state.show('menu')}>
      <Icon name="plus" /> Order something more
    </button>
  );
}

/** On a phone, from the menu to the order. */
function SummaryBar({ state }: { state: GuestState }) {
  const { cart, app, view } = state;
  useChanges(app);
  if (view.value === 'order') return null;
  const open = app.orders.filter((order) => !isFinished(order));
  if (cart.count.value === 0 && open.length === 0) return null;
  return (
    <div class="summary-bar">
      <button class="button primary wide" type="button" onClick={() => state.show('order')}>
        {cart.count.value > 0 ? (
          <>
            <span class="count numeric">{cart.count.value}</span>
            <span>Review order</span>
            <strong class="numeric">{formatMoney(cart.total.value)}</strong>
          </>
        ) : (
          <span>{open.length === 1 ? 'Follow your order' : `Follow your ${open.length} orders`}</span>
        )}
      </button>
    </div>
  );
}
