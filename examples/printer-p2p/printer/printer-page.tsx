import type { ConnectionMonitor } from '../../shared/connection-monitor.ts';
import { ConnectionNotice } from '../../shared/ui/connection-badge.tsx';
import { formatTime } from '../../shared/ui/format.ts';
import { Icon } from '../../shared/ui/icons.tsx';
import { PageHeader } from '../../shared/ui/page-header.tsx';
import { useChanges } from '../../shared/ui/use-changes.ts';
import type { PrinterJob, PrinterWebApp } from '../printer-web-app.ts';
import { Paper } from './paper.tsx';
import type { ScreenPrinter } from './screen-printer.ts';

export interface PrinterPageProps {
  app: PrinterWebApp;
  screen: ScreenPrinter;
  monitor: ConnectionMonitor;
  tenant: string;
  name: string;
}

export function PrinterPage({ app, screen, monitor, tenant, name }: PrinterPageProps) {
  useChanges(app);
  const printed = app.jobs.find(({ status }) => status === 'printed');
  return (
    <>
      <PageHeader tenant={tenant} title={name} monitor={monitor} waiting="Waiting for a till" />
      <main class="printer">
        <div class="notices">
          <ConnectionNotice monitor={monitor} />
        </div>
        <Device app={app} screen={screen} job={printed} />
        <div class="controls">
          <PaperSwitch screen={screen} />
          <Queue jobs={app.jobs} />
          {printed && <Bytes app={app} bytes={printed.bytes} />}
        </div>
      </main>
    </>
  );
}

function Device({ app, screen, job }: { app: PrinterWebApp; screen: ScreenPrinter; job: PrinterJob | undefined }) {
  return (
    <section class="device" aria-label="Paper">
      <div class="slot" data-out={screen.paperOut.value}>
        <span class="light" />
        {screen.paperOut.value ? 'Out of paper' : 'Ready'}
      </div>
      {job ? (
        <Paper key={job.jobId} lines={job.lines} columns={app.columns} />
      ) : (
        <div class="empty">
          <Icon name="printer" />
          <p>
            <strong>Nothing printed yet</strong>
          </p>
          <p>A receipt that a till sends comes out here.</p>
        </div>
      )}
    </section>
  );
}

function PaperSwitch({ screen }: { screen: ScreenPrinter }) {
  return (
    <label class="card switch">
      <span>
        <strong>Out of paper</strong>
        <span class="muted">Jobs fail, and the till says why.</span>
      </span>
      <input
        type="checkbox"
        role="switch"
        aria-checked={screen.paperOut.value}
        checked={screen.paperOut.value}
        onChange={({ currentTarget }) => {
          screen.paperOut.value = currentTarget.checked;
        }}
      />
    </label>
  );
}

const words: Partial<Record<PrinterJob['status'], string>> = {
  claimed: 'In the queue',
  printed: 'Printed',
  failed: 'Failed',
  unconfirmed: 'Not confirmed',
  cancelled: 'Called back',
};

function Queue({ jobs }: { jobs: readonly PrinterJob[] }) {
  return (
    <section class="card queue" aria-labelledby="queue-title">
      <h2 id="queue-title">Jobs</h2>
      {jobs.length === 0 && <p class="muted">None yet.</p>}
      <ul>
        {jobs.slice(0, 20).map(({ jobId, status, reason, sender, receivedAt }) => (
          <li key={jobId} data-testid="job" data-status={status}>
            <span class="muted numeric">{formatTime(receivedAt)}</span>
            <span class="sender">{sender}</span>
            <strong>{words[status] ?? status}</strong>
            {reason && <span class="reason">{reason}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

const languages = { 'esc-pos': 'ESC/POS', 'star-prnt': 'StarPRNT' };

function Bytes({ app, bytes }: { app: PrinterWebApp; bytes: Uint8Array }) {
  const dump = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
  return (
    <details class="card bytes">
      <summary>
        {languages[app.language]}, {app.columns} columns, {bytes.length} bytes
      </summary>
      <pre data-testid="bytes">{dump}</pre>
    </details>
  );
}
