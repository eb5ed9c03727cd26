import type { ReadonlySignal } from '@preact/signals';
import type { ConnectionMonitor } from '../../shared/connection-monitor.ts';
import { ConnectionNotice } from '../../shared/ui/connection-badge.tsx';
import { Icon } from '../../shared/ui/icons.tsx';
import { PageHeader } from '../../shared/ui/page-header.tsx';
import { useChanges } from '../../shared/ui/use-changes.ts';
import type { KitchenDisplayApp } from '../kitchen-display.ts';
import { tableName } from '../order.ts';
import { Board } from './board.tsx';
import type { Chime } from './chime.ts';

export interface KitchenPageProps {
  app: KitchenDisplayApp;
  monitor: ConnectionMonitor;
  tenant: string;
  name: string;
  chime: Chime;
  nowMs: ReadonlySignal<number>;
}

export function KitchenPage({ app, monitor, tenant, name, chime, nowMs }: KitchenPageProps) {
  return (
    <>
      <PageHeader tenant={tenant} title={name} monitor={monitor} waiting="Waiting for guests">
        <RecallButton app={app} />
        <SoundButton chime={chime} />
        <Time nowMs={nowMs} />
      </PageHeader>
      <ConnectionNotice monitor={monitor} />
      <Board app={app} nowMs={nowMs} />
    </>
  );
}

function RecallButton({ app }: { app: KitchenDisplayApp }) {
  useChanges(app);
  const [last] = app.served;
  if (!last) return null;
  return (
    <button class="button" type="button" onClick={() => app.recall(last.orderId)}>
      <Icon name="recall" /> Recall {tableName(last)}
    </button>
  );
}

function SoundButton({ chime }: { chime: Chime }) {
  const words = { locked: 'Tap for sound', on: 'Sound on', muted: 'Sound off' };
  const state = chime.state.value;
  return (
    <button class="button sound" type="button" data-state={state} onClick={() => chime.toggle()}>
      <Icon name={state === 'on' ? 'sound' : 'muted'} /> {words[state]}
    </button>
  );
}

function Time({ nowMs }: { nowMs: ReadonlySignal<number> }) {
  const time = new Date(nowMs.value).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });
  return <time class="time numeric">{time}</time>;
}
