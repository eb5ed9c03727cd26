import { systemClock, systemRandom } from '@innmesh/kit';
import type { PeerInfo } from '@innmesh/webrtc';
import { type ComponentChild, render } from 'preact';
import { ConnectionMonitor } from '../connection-monitor.ts';
import type { DeviceApp } from '../device-app.ts';
import { keepConnecting } from '../keep-connecting.ts';

/** When a page loads what it needs to say why it is not connected. */
const DIAGNOSIS_DELAY_MS = 2_000;

/** Connects the app, for as long as it takes, and shows the page meanwhile. */
export function startPage(
  app: DeviceApp,
  isRelevant: (peer: PeerInfo) => boolean,
  page: (monitor: ConnectionMonitor) => ComponentChild,
): void {
  const monitor = new ConnectionMonitor(app.connection, { isRelevant });
  const deps = { clock: systemClock, random: systemRandom };
  keepConnecting(
    () => app.connect(),
    (error) => monitor.connectFailed(error),
    deps,
  );
  // So that the others learn at once that this device is gone. One kept in the back-forward cache stays.
  addEventListener('pagehide', (event) => {
    if (!event.persisted) app.disconnect();
  });
  // Behind the first links, and while the server that it comes from is there.
  systemClock.setTimer(() => void loadDiagnosis(), DIAGNOSIS_DELAY_MS);
  const root = document.getElementById('app');
  if (root) render(page(monitor), root);
}

async function loadDiagnosis(): Promise<void> {
  try {
    await import('@innmesh/webrtc/diagnose');
    document.documentElement.dataset.diagnosis = 'loaded';
  } catch {
    // Whoever asks is told that the server is away.
  }
}
