import type { EnrolledDeviceView } from '@innmesh/webrtc/enrolment';
import { useSignal } from '@preact/signals';
import { Icon, type IconName } from '../../../../examples/shared/ui/icons.tsx';
import { useNow } from '../shared/use-now.ts';
import { ago, capabilityName, roleName } from '../shared/words.ts';
import type { Property } from './property.ts';

const icons: Partial<Record<string, IconName>> = {
  staff: 'staff',
  pos: 'till',
  printer: 'printer',
  'kitchen-display': 'bell',
};

export function DeviceList({ property, ownId }: { property: Property; ownId: string }) {
  const devices = property.devices.value;
  const active = devices.filter(({ status }) => status === 'active');
  const revoked = devices.filter(({ status }) => status === 'revoked');
  return (
    <section class="card part" aria-labelledby="devices-title">
      <h2 id="devices-title">
        Devices <span class="muted numeric">{active.length}</span>
      </h2>
      <ul class="rows" aria-label="Devices that are let in">
        {active.map((device) => (
          <DeviceRow key={device.peerId} device={device} property={property} isOwn={device.peerId === ownId} />
        ))}
      </ul>
      {revoked.length > 0 && (
        <details>
          <summary>Put out: {revoked.length}</summary>
          <ul class="rows">
            {revoked.map(({ peerId, name, role }) => (
              <li key={peerId} class="row" data-testid="device" data-status="revoked">
                <Icon name="x" />
                <span class="row-words">
                  <strong>{name}</strong>
                  <span class="muted">{roleName(role)} · has to ask again</span>
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function DeviceRow({ device, property, isOwn }: { device: EnrolledDeviceView; property: Property; isOwn: boolean }) {
  const isSure = useSignal(false);
  const nowMs = useNow();
  const { name, role, capabilities, renewedAtMs } = device;
  const words = [roleName(role), ...capabilities.map(capabilityName)].join(', ');
  return (
    <li class="row" data-testid="device" data-status="active">
      <Icon name={icons[role] ?? 'device'} />
      <span class="row-words">
        <strong>
          {name}
          {isOwn && <span class="tag">this device</span>}
        </strong>
        <span class="muted">
          {words} · renewed {ago(renewedAtMs, nowMs)}
        </span>
      </span>
      {isSure.value ? (
        <span class="buttons">
          <button type="button" class="button danger" onClick={() => property.revoke(device)}>
            Put out
          </button>
          <button
            type="button"
            class="button"
            onClick={() => {
              isSure.value = false;
            }}
          >
            Keep
          </button>
        </span>
      ) : (
        <button
          type="button"
          class="button"
          aria-label={`Revoke ${name}`}
          onClick={() => {
            isSure.value = true;
          }}
        >
          Revoke
        </button>
      )}
    </li>
  );
}
