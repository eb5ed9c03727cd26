import './why-panel.css';
import type { CheckResult, Diagnosis, Verdict } from '@innmesh/webrtc';
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ConnectionMonitor } from '../connection-monitor.ts';
import { Icon, type IconName } from './icons.tsx';

interface WhyPanelProps {
  monitor: ConnectionMonitor;
  /** Escape, the cross, or a touch beside it. */
  close(): void;
}

/** What keeps this device from the others, and what to do about it; looks as soon as it is shown. */
export function WhyPanel({ monitor, close }: WhyPanelProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const diagnosis = useSignal<Diagnosis | null>(null);
  const look = async () => {
    diagnosis.value = null;
    const found = await monitor.diagnose();
    if (dialog.current?.open) diagnosis.value = found;
  };
  useLayoutEffect(() => {
    dialog.current?.showModal();
    void look();
  }, []);
  return (
    <dialog ref={dialog} class="why-panel" aria-labelledby="why-title" onClose={close} closedby="any">
      <div class="sheet">
        <header>
          <h2 id="why-title">Connection check</h2>
          <button type="button" class="button quiet" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="x" />
          </button>
        </header>
        <p
          class="why-summary"
          role="status"
          data-testid="why-summary"
          data-verdict={diagnosis.value?.verdict ?? 'looking'}
        >
          {diagnosis.value ? (
            <>
              <Icon name={MARKS[diagnosis.value.verdict]} />
              {diagnosis.value.summary}
            </>
          ) : (
            <>
              <span class="dot" />
              Looking at the network. This takes a few seconds.
            </>
          )}
        </p>
        {diagnosis.value && <Findings checks={diagnosis.value.checks} />}
        <footer>
          <button type="button" class="button wide" disabled={!diagnosis.value} onClick={() => void look()}>
            Look again
          </button>
        </footer>
      </div>
    </dialog>
  );
}

const MARKS: Record<Verdict, IconName> = { ok: 'check', warning: 'alert', failed: 'x', skipped: 'minus' };

/** What is wrong in full; the rest one can open. */
function Findings({ checks }: { checks: CheckResult[] }) {
  const wrong = [
    ...checks.filter(({ verdict }) => verdict === 'failed'),
    ...checks.filter(({ verdict }) => verdict === 'warning'),
  ];
  return (
    <div class="findings">
      {wrong.length > 0 && <Checks checks={wrong} />}
      <Group title="In order" checks={checks.filter(({ verdict }) => verdict === 'ok')} isOpen={wrong.length === 0} />
      <Group title="Not looked at" checks={checks.filter(({ verdict }) => verdict === 'skipped')} />
    </div>
  );
}

function Group({ title, checks, isOpen = false }: { title: string; checks: CheckResult[]; isOpen?: boolean }) {
  if (checks.length === 0) return null;
  return (
    <details open={isOpen}>
      <summary>
        {title} <span class="muted">{checks.length}</span>
      </summary>
      <Checks checks={checks} />
    </details>
  );
}

function Checks({ checks }: { checks: CheckResult[] }) {
  return (
    <ul>
      {checks.map(({ name, title, verdict, words, advice }) => (
        <li key={name} data-testid="why-check" data-name={name} data-verdict={verdict}>
          <Icon name={MARKS[verdict]} />
          <div>
            <h3>{title}</h3>
            <p>{words}</p>
            {advice && (
              <p class="advice">
                <strong>What to do:</strong> {advice}
              </p>
            )}
          </div>
        </li>
      ))}
    </ul>
  );
}
