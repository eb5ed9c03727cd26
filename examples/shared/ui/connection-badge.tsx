import { useSignal } from '@preact/signals';
import type { ConnectionMonitor } from '../connection-monitor.ts';
import type { ConnectionStatus } from '../connection-status.ts';
import { formatLatency, formatUsd } from './format.ts';
import { Icon } from './icons.tsx';
import { useChanges } from './use-changes.ts';
import { WhyPanel } from './why-panel.tsx';

export interface ConnectionProps {
  monitor: ConnectionMonitor;
  /** What to say while nobody is there whom this device works with: `Waiting for the kitchen`. */
  waiting: string;
}

/** `Local P2P · 3 ms · $0.00`, and a button for who wants to know why it is not better. */
export function ConnectionBadge({ monitor, waiting }: ConnectionProps) {
  useChanges(monitor);
  const { status } = monitor;
  const isAsked = useSignal(false);
  const show = (isShown: boolean) => {
    isAsked.value = isShown;
  };
  return (
    <>
      <div class="connection" data-testid="connection" data-state={status.kind} title={explain(status)}>
        <span class="dot" />
        <span role="status" aria-label="Connection">
          {word(status, waiting)}
        </span>
        {'links' in status && (
          <span class="figures numeric">
            · {formatLatency(status.latencyMs)} · {formatUsd(status.costUsd)}
          </span>
        )}
        <button type="button" class="why" aria-haspopup="dialog" onClick={() => show(true)}>
          Why?
        </button>
      </div>
      {isAsked.value && <WhyPanel monitor={monitor} close={() => show(false)} />}
    </>
  );
}

/** Says in words what is wrong while something is, and that it goes on by itself. */
export function ConnectionNotice({ monitor }: { monitor: ConnectionMonitor }) {
  useChanges(monitor);
  const { status } = monitor;
  if (status.kind === 'no-server') {
    return (
      <div class="notice error" role="alert" data-testid="connection-notice">
        <Icon name="offline" />
        <div>
          <strong>The hotel’s server cannot be reached.</strong>
          Is this device on the hotel’s WiFi? It goes on trying by itself.
        </div>
      </div>
    );
  }
  if (status.kind === 'refused') {
    return (
      <div class="notice error" role="alert" data-testid="connection-notice">
        <Icon name="alert" />
        <div>
          <strong>The hotel’s server does not let this device in.</strong>
          {status.reason}
        </div>
      </div>
    );
  }
  if (!('serverLost' in status) || !status.serverLost) return null;
  return (
    <div class="notice" role="status" data-testid="connection-notice">
      <Icon name="offline" />
      <div>
        <strong>The server is away; the direct connection holds.</strong>
        Everything works; only new devices have to wait until it is back.
      </div>
    </div>
  );
}

function word(status: ConnectionStatus, waiting: string): string {
  switch (status.kind) {
    case 'connecting':
      return 'Connecting';
    case 'no-server':
      return 'No server, trying again';
    case 'refused':
      return 'Not let in';
    case 'waiting':
      return waiting;
    case 'linking':
      return 'Linking';
    case 'local-p2p':
      return 'Local P2P';
    case 'cloud-relay':
      return 'Cloud relay';
  }
}

function explain(status: ConnectionStatus): string {
  if (status.kind === 'no-server' || status.kind === 'refused') return status.reason;
  if (!('links' in status)) return '';
  const links =
    status.links === 1 ? '1 device is linked.' : `${status.links} devices are linked; the slowest one’s latency.`;
  return `${links} ${status.reason}`.trim();
}
