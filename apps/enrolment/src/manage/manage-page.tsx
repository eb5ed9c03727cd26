import { useEffect, useMemo } from 'preact/hooks';
import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import type { DeviceStanding, Standing } from '../device/standing.ts';
import type { Settings } from '../shared/settings.ts';
import { Approval } from './approval.tsx';
import { DeviceList } from './device-list.tsx';
import { Property } from './property.ts';
import { TableList } from './table-list.tsx';
import { TableSheet } from './table-sheet.tsx';

interface ManagePageProps {
  device: DeviceStanding;
  standing: Standing & { step: 'in' };
  settings: Settings;
}

export function ManagePage({ device, standing, settings }: ManagePageProps) {
  const { claims, request } = standing;
  const isManager = claims.caps.includes('manage-devices');
  const mayOpenTables = isManager || claims.role === 'staff' || claims.role === 'pos';
  const property = useMemo(() => {
    const source = device.source(new AbortController().signal, false);
    return new Property({ issuer: settings.issuer, request, credential: () => source(request), isManager });
  }, [device, settings, request, isManager]);
  useEffect(() => (mayOpenTables ? property.watch() : undefined), [property, mayOpenTables]);
  if (!mayOpenTables) return <NotAManager />;
  return (
    <div class="manage" data-manager={isManager}>
      <Messages property={property} />
      {isManager && (
        <div class="column">
          <Approval property={property} scanned={settings.code} />
          <DeviceList property={property} ownId={request.device.peerId} />
        </div>
      )}
      <div class="column">
        <TableList property={property} />
      </div>
      <TableSheet property={property} tenant={claims.tenant} />
    </div>
  );
}

function Messages({ property }: { property: Property }) {
  const [problem, done] = [property.problem.value, property.done.value];
  if (problem) {
    return (
      <div class="notice error" role="alert">
        <Icon name="alert" />
        <div>{problem}</div>
      </div>
    );
  }
  return (
    <div class="notice success" role="status" hidden={!done}>
      <Icon name="check" />
      <div>{done}</div>
    </div>
  );
}

function NotAManager() {
  return (
    <section class="card sheet" role="alert">
      <Icon name="alert" />
      <h2>This device is not a manager’s</h2>
      <p class="muted">Open this page on a device that is, or have a manager let this one in again as one.</p>
    </section>
  );
}
