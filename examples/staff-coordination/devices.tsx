import type { NetworkTopology } from '@innmesh/webrtc';
import { useEffect, useState } from 'preact/hooks';
import type { ConnectionMonitor } from '../shared/connection-monitor.ts';
import { formatLatency } from '../shared/ui/format.ts';
import { Icon, type IconName } from '../shared/ui/icons.tsx';
import { useChanges } from '../shared/ui/use-changes.ts';
import type { StaffApp } from './staff-app.ts';

const icons: Record<string, IconName> = {
  staff: 'staff',
  pos: 'till',
  printer: 'printer',
  'kitchen-display': 'bell',
  guest: 'device',
};

/** Who is online, and how each is connected. */
export function Devices({ app, monitor }: { app: StaffApp; monitor: ConnectionMonitor }) {
  useChanges(app);
  const paths = usePaths(app, monitor);
  return (
    <section class="card devices" aria-labelledby="devices-title">
      <h2 id="devices-title">Online</h2>
      {app.devices.length === 0 && <p class="muted">Nobody else.</p>}
      <ul>
        {app.devices.map(({ peerId, deviceInfo }) => (
          <li key={peerId} data-testid="device">
            <Icon name={icons[deviceInfo.type] ?? 'device'} />
            <span class="name">
              {deviceInfo.name}
              <span class="type muted">{deviceInfo.type.replace('-', ' ')}</span>
            </span>
            <span class="numeric path">{describe(paths.get(peerId))}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The way to each device, measured again whenever the badge is. */
function usePaths(app: StaffApp, monitor: ConnectionMonitor): Map<string, NetworkTopology> {
  const [paths, setPaths] = useState(new Map<string, NetworkTopology>());
  useEffect(() => {
    async function measure(): Promise<void> {
      const found = await Promise.all(app.devices.map(({ peerId }) => app.connection.getNetworkTopology(peerId)));
      setPaths(new Map(found.filter((path) => path !== null).map((path) => [path.peerId, path])));
    }
    return monitor.onChange(() => void measure());
  }, [app, monitor]);
  return paths;
}

function describe(path: NetworkTopology | undefined): string {
  if (!path || path.topology === 'unknown') return 'Linking';
  return `${path.topology === 'local-p2p' ? 'Local P2P' : 'Cloud relay'} · ${formatLatency(path.latency)}`;
}
