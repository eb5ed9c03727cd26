import { useEffect } from 'preact/hooks';
import { Icon } from '../../../../examples/shared/ui/icons.tsx';
import { houseName } from '../../../../examples/shared/ui/page-settings.ts';
import { capabilityName, roleName } from '../shared/words.ts';
import type { DeviceStanding, Standing } from './standing.ts';

interface WelcomeProps {
  device: DeviceStanding;
  standing: Standing & { step: 'in' };
  next: string | null;
}

/** How often the page looks whether the device is still let in. */
const LOOK_AGAIN_MS = 5 * 60_000;

export function Welcome({ device, standing: { claims }, next }: WelcomeProps) {
  useEffect(() => {
    if (next) location.replace(forTenant(next, claims.tenant));
    const timer = setInterval(() => device.ask(), LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [next, device, claims.tenant]);
  const isManager = claims.caps.includes('manage-devices');
  const may = claims.caps.map(capabilityName).join(', ');
  return (
    <section class="card sheet welcome" data-testid="let-in">
      <Icon name="check" />
      <h2>This device is let in</h2>
      <dl class="facts">
        <dt>Property</dt>
        <dd>{houseName(claims.tenant)}</dd>
        <dt>As</dt>
        <dd>{roleName(claims.role)}</dd>
        {may && (
          <>
            <dt>For</dt>
            <dd>{may}</dd>
          </>
        )}
      </dl>
      <p class="muted">It stays so by itself. A manager can end it at any time.</p>
      {isManager && (
        <a class="button primary wide" href={`manage/?${new URLSearchParams({ tenant: claims.tenant })}`}>
          Devices and tables
        </a>
      )}
      <a class="button wide" href="../">
        To the hotel’s pages
      </a>
    </section>
  );
}

/** The page that sent the device here may have had another property in mind. */
function forTenant(next: string, tenant: string): string {
  const url = new URL(next);
  url.searchParams.set('tenant', tenant);
  return url.href;
}
