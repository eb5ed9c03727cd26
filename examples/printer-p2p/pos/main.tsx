import '../../shared/ui/theme.css';
import '../../shared/ui/parts.css';
import './pos.css';
import { randomId, systemRandom } from '@innmesh/kit';
import { deviceCredential } from '../../shared/ui/page-credential.ts';
import { houseName, pageSettings } from '../../shared/ui/page-settings.ts';
import { startPage } from '../../shared/ui/start-page.tsx';
import { POSApp } from '../pos-app.ts';
import { Bill, currency } from './bill.ts';
import { POSPage } from './pos-page.tsx';

const { tenant, name = 'Front Desk', signalingServers } = pageSettings();
const app = new POSApp(tenant, name, {
  signalingServers,
  credential: await deviceCredential(),
  currency,
  header: [houseName(tenant), '1 Harbour Street', 'VAT EU 123 456 789'],
});
const bill = new Bill();
const newTransactionId = () => `TXN-${randomId(systemRandom, 6).toUpperCase()}`;

document.title = `${name} · ${houseName(tenant)}`;
startPage(
  app,
  ({ deviceInfo }) => deviceInfo.type === 'printer',
  (monitor) => <POSPage {...{ app, bill, monitor, tenant, name, newTransactionId }} />,
);
