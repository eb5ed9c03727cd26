import '../../../../examples/shared/ui/theme.css';
import '../../../../examples/shared/ui/parts.css';
import '../shared/enrolment.css';
import './manage.css';
import { render } from 'preact';
import { LetIn } from '../device/let-in.tsx';
import { DeviceStanding } from '../device/standing.ts';
import { Frame } from '../shared/frame.tsx';
import { recallProperty } from '../shared/property-of-device.ts';
import { readSettings } from '../shared/settings.ts';
import { ManagePage } from './manage-page.tsx';

const read = readSettings();
// A device that is let in is asked for no name, nor for its property: devices that wait show this page's bare address.
const settings = { ...read, tenant: read.tenant || recallProperty(), name: read.name || 'Manager’s device' };
const device = new DeviceStanding(settings);

function Page() {
  const isIn = device.standing.value.step === 'in';
  return (
    <Frame tenant={device.introduction.value.tenant} title="Devices and tables" wide={isIn}>
      <LetIn device={device}>
        {(standing) => <ManagePage device={device} standing={standing} settings={settings} />}
      </LetIn>
    </Frame>
  );
}

const root = document.getElementById('app');
if (root) render(<Page />, root);
