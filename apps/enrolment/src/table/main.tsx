import '../../../../examples/shared/ui/theme.css';
import '../../../../examples/shared/ui/parts.css';
import '../shared/enrolment.css';
import { render } from 'preact';
import { Frame } from '../shared/frame.tsx';
import { readSettings } from '../shared/settings.ts';
import { GuestArrival } from './guest-arrival.ts';
import { TablePage } from './table-page.tsx';

const settings = readSettings();
const arrival = new GuestArrival(settings);
arrival.arrive();

const root = document.getElementById('app');
if (root) {
  render(
    <Frame tenant={settings.tenant} title="Your table">
      <TablePage arrival={arrival} />
    </Frame>,
    root,
  );
}
