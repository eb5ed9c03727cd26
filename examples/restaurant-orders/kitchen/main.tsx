import '../../shared/ui/theme.css';
import '../../shared/ui/parts.css';
import './kitchen.css';
import './ticket.css';
import { signal } from '@preact/signals';
import { deviceCredential } from '../../shared/ui/page-credential.ts';
import { houseName, pageSettings } from '../../shared/ui/page-settings.ts';
import { startPage } from '../../shared/ui/start-page.tsx';
import { KitchenDisplayApp } from '../kitchen-display.ts';
import { webOrderStore } from '../order-store.ts';
import { Chime } from './chime.ts';
import { KitchenPage } from './kitchen-page.tsx';

const { tenant, name = 'Main Kitchen', signalingServers } = pageSettings();
const chime = new Chime();
const app = new KitchenDisplayApp(tenant, name, {
  signalingServers,
  credential: await deviceCredential(),
  store: webOrderStore(localStorage, `tickets:${tenant}:${name}`),
  onNewTicket: () => chime.play(),
});
const nowMs = signal(Date.now());
setInterval(() => {
  nowMs.value = Date.now();
}, 1000);

document.title = `${name} · ${houseName(tenant)}`;
startPage(
  app,
  ({ deviceInfo }) => deviceInfo.type === 'guest',
  (monitor) => <KitchenPage {...{ app, monitor, tenant, name, chime, nowMs }} />,
);
