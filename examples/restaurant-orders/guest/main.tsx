import '../../shared/ui/theme.css';
import '../../shared/ui/parts.css';
import './guest.css';
import './order.css';
import { tableCredential } from '../../shared/ui/page-credential.ts';
import { houseName, pageSettings } from '../../shared/ui/page-settings.ts';
import { startPage } from '../../shared/ui/start-page.tsx';
import { GuestOrderApp } from '../guest-order.ts';
import { tableName } from '../order.ts';
import { webOrderStore } from '../order-store.ts';
import { GuestPage } from './guest-page.tsx';
import { GuestState } from './guest-state.ts';
import { currency } from './menu.ts';

const { tenant, table, name, signalingServers } = pageSettings();
const app = new GuestOrderApp(table, tenant, {
  signalingServers,
  credential: await tableCredential(),
  currency,
  ...(name && { name }),
  store: webOrderStore(sessionStorage, `orders:${tenant}:${table}`),
});
const state = new GuestState(app);

document.title = `${tableName(app)} · ${houseName(tenant)}`;
startPage(
  app,
  ({ deviceInfo }) => deviceInfo.type === 'kitchen-display',
  (monitor) => <GuestPage state={state} monitor={monitor} tenant={tenant} />,
);
