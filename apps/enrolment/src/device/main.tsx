import '../../../../examples/shared/ui/theme.css';
import '../../../../examples/shared/ui/parts.css';
import '../shared/enrolment.css';
import { render } from 'preact';
import { Frame } from '../shared/frame.tsx';
import { readSettings } from '../shared/settings.ts';
import { LetIn } from './let-in.tsx';
import { DeviceStanding } from './standing.ts';
import { Welcome } from './welcome.tsx';

const settings = readSettings();
const device = new DeviceStanding(settings);

function DevicePage() {
  return (
    <Frame tenant={device.introduction.value.tenant} title="This device">
      <LetIn device={device}>
        {(standing) => <Welcome standing={standing} next={settings.next} device={device} />}
      </LetIn>
    </Frame>
  );
}

const root = document.getElementById('app');
if (root) render(<DevicePage />, root);
