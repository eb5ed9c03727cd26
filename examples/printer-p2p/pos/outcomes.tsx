import { formatMoney, type Receipt } from '@innmesh/protocol';
import { formatTime } from '../../shared/ui/format.ts';
import { Icon, type IconName } from '../../shared/ui/icons.tsx';
import { useChanges } from '../../shared/ui/use-changes.ts';
import type { POSApp, TillJob } from '../pos-app.ts';

const words: Record<TillJob['status'], { text: string; icon: IconName }> = {
  seeking: { text: 'Looking for a printer', icon: 'clock' },
  sent: { text: 'Sent to the printer', icon: 'clock' },
  claimed: { text: 'Printing', icon: 'printer' },
  printed: { text: 'Printed', icon: 'check' },
  failed: { text: 'Not printed', icon: 'alert' },
  unconfirmed: { text: 'Not confirmed', icon: 'alert' },
  cancelled: { text: 'Cancelled', icon: 'x' },
};

const mayPrintAgain: TillJob['status'][] = ['failed', 'unconfirmed', 'cancelled'];

/** What was charged, and what became of each receipt. */
export function Outcomes({ app, printAgain }: { app: POSApp; printAgain(receipt: Receipt): void }) {
  useChanges(app);
  return (
    <section class="outcomes" aria-labelledby="outcomes-title">
      <h2 id="outcomes-title">Receipts</h2>
      {app.jobs.length === 0 ? (
        <div class="card empty">
          <Icon name="receipt" />
          <p>Nothing charged yet.</p>
        </div>
      ) : (
        <ul>
          {app.jobs.map((job) => (
            <Outcome key={job.jobId} job={job} printAgain={() => printAgain(job.receipt)} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Outcome({ job: { status, reason, receipt }, printAgain }: { job: TillJob; printAgain(): void }) {
  const { text, icon } = words[status];
  const about = [receipt.guestName, receipt.paymentMethod, receipt.paidAt && formatTime(receipt.paidAt)];
  return (
    <li class="card outcome" data-testid="receipt-job" data-status={status}>
      <div class="charged">
        <strong class="numeric">{formatMoney(receipt.total)}</strong>
        <span class="muted">{about.filter(Boolean).join(' · ')}</span>
      </div>
      <p class="status" role="status">
        <Icon name={icon} />
        <span>
          <strong>{text}</strong>
          {reason && <span class="reason">{reason}</span>}
        </span>
      </p>
      {mayPrintAgain.includes(status) && (
        <button class="button" type="button" onClick={printAgain}>
          <Icon name="printer" /> Print again
        </button>
      )}
    </li>
  );
}
