import type { ConnectionMonitor } from '../shared/connection-monitor.ts';
import { ConnectionNotice } from '../shared/ui/connection-badge.tsx';
import { PageHeader } from '../shared/ui/page-header.tsx';
import { Assignments } from './assignments.tsx';
import { Compose } from './compose.tsx';
import { Devices } from './devices.tsx';
import { Log } from './log.tsx';
import type { StaffApp } from './staff-app.ts';

export interface StaffPageProps {
  app: StaffApp;
  monitor: ConnectionMonitor;
  tenant: string;
  name: string;
}

export function StaffPage({ app, monitor, tenant, name }: StaffPageProps) {
  return (
    <>
      <PageHeader tenant={tenant} title={name} monitor={monitor} waiting="Nobody else online" />
      <main class="staff">
        <div class="notices">
          <ConnectionNotice monitor={monitor} />
        </div>
        <div class="column">
          <Compose app={app} />
          <Devices app={app} monitor={monitor} />
        </div>
        <Assignments app={app} name={name} />
        <Log app={app} />
      </main>
    </>
  );
}
