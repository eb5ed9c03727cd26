import { formatMoney, type Receipt } from '@innmesh/protocol';
import type { ConnectionMonitor } from '../../shared/connection-monitor.ts';
import { ConnectionNotice } from '../../shared/ui/connection-badge.tsx';
import { Icon } from '../../shared/ui/icons.tsx';
import { PageHeader } from '../../shared/ui/page-header.tsx';
import { Stepper } from '../../shared/ui/stepper.tsx';
import type { POSApp } from '../pos-app.ts';
import { type Bill, paymentMethods, products } from './bill.ts';
import { Outcomes } from './outcomes.tsx';

export interface POSPageProps {
  app: POSApp;
  bill: Bill;
  monitor: ConnectionMonitor;
  tenant: string;
  name: string;
  newTransactionId(): string;
}

export function POSPage({ app, bill, monitor, tenant, name, newTransactionId }: POSPageProps) {
  const printAgain = ({ header, paidAt, ...transaction }: Receipt) => void app.processTransaction(transaction);
  return (
    <>
      <PageHeader tenant={tenant} title={name} monitor={monitor} waiting="Waiting for a printer" />
      <main class="pos">
        <div class="notices">
          <ConnectionNotice monitor={monitor} />
        </div>
        <Products bill={bill} />
        <BillForm bill={bill} charge={() => void app.processTransaction(bill.close(newTransactionId()))} />
        <Outcomes app={app} printAgain={printAgain} />
      </main>
    </>
  );
}

function Products({ bill }: { bill: Bill }) {
  return (
    <section class="products" aria-labelledby="products-title">
      <h2 id="products-title">Items</h2>
      <div class="grid">
        {products.map((product) => (
          <button
            key={product.name}
            class="card product"
            type="button"
            onClick={() => bill.setQuantity(product, bill.quantityOf(product) + 1)}
          >
            <strong>{product.name}</strong>
            <span class="numeric muted">{formatMoney(product.price)}</span>
          </button>
        ))}
      </div>
    </section>
  );
}

function BillForm({ bill, charge }: { bill: Bill; charge(): void }) {
  const lines = bill.lines.value;
  return (
    <form
      class="card bill"
      aria-labelledby="bill-title"
      onSubmit={(event) => {
        event.preventDefault();
        charge();
      }}
    >
      <h2 id="bill-title">Bill</h2>
      {lines.length === 0 ? (
        <div class="empty">
          <Icon name="till" />
          <p>Tap items to put them on the bill.</p>
        </div>
      ) : (
        <BillLines bill={bill} />
      )}
      <label class="field">
        <span>Guest</span>
        <input
          class="input"
          placeholder="John Smith"
          maxLength={200}
          value={bill.guestName.value}
          onInput={({ currentTarget }) => {
            bill.guestName.value = currentTarget.value;
          }}
        />
      </label>
      <Payment bill={bill} />
      <button class="button primary wide charge" type="submit" disabled={lines.length === 0}>
        Charge {formatMoney(bill.total.value)}
      </button>
    </form>
  );
}

function BillLines({ bill }: { bill: Bill }) {
  return (
    <ul class="lines">
      {bill.lines.value.map((line) => (
        <li key={line.name}>
          <div>
            <strong>{line.name}</strong>
            <p class="numeric muted">
              {formatMoney({ ...line.price, amountMinor: line.price.amountMinor * line.quantity })}
            </p>
          </div>
          <Stepper name={line.name} quantity={line.quantity} change={(quantity) => bill.setQuantity(line, quantity)} />
        </li>
      ))}
    </ul>
  );
}

function Payment({ bill }: { bill: Bill }) {
  return (
    <fieldset class="field">
      <legend>Paid with</legend>
      <div class="chips">
        {paymentMethods.map((method) => (
          <label class="chip" key={method}>
            <input
              type="radio"
              name="payment"
              checked={bill.paymentMethod.value === method}
              onChange={() => {
                bill.paymentMethod.value = method;
              }}
            />
            {method}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
