import type { EnrolmentCode } from '@innmesh/webrtc/enrolment';
import { formatElapsed } from '../../../../examples/shared/ui/format.ts';
import { houseName } from '../../../../examples/shared/ui/page-settings.ts';
import { QrCode } from '../../../../examples/shared/ui/qr-code.tsx';
import { useNow } from '../shared/use-now.ts';
import { roleName } from '../shared/words.ts';
import type { DeviceStanding } from './standing.ts';

/** The code, large, for a manager to scan or type. */
export function WaitingPanel({ device, code }: { device: DeviceStanding; code: EnrolmentCode }) {
  const leftMs = code.expiresAtMs - useNow();
  const { tenant, name, type } = device.introduction.value;
  return (
    <section class="card waiting" aria-labelledby="asks">
      <div class="waiting-words">
        <h2 id="asks">This device asks to join {houseName(tenant)}</h2>
        <p class="muted">
          {name} · {roleName(type)}
        </p>
        <p class="user-code" data-testid="user-code">
          {code.userCode}
        </p>
        <ol class="steps">
          <li>On a manager’s device, scan the code or open</li>
          <li class="address">{code.verificationUri.replace(/^https?:\/\//, '')}</li>
          <li>Compare the code there with this one, and approve.</li>
        </ol>
        <p class="status" role="status">
          <span class="dot" />
          <span>
            Waiting for a manager
            <span class="muted numeric">This code is good for another {formatElapsed(leftMs)}</span>
          </span>
        </p>
      </div>
      <QrCode text={code.qrText} label="QR code for a manager’s device" />
      <button type="button" class="button quiet" onClick={() => device.introduce()}>
        This is another hotel or device
      </button>
    </section>
  );
}
