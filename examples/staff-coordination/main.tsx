import '../shared/ui/theme.css';
import '../shared/ui/parts.css';
import './staff.css';
import { isHouse } from '../shared/device-app.ts';
import { deviceCredential } from '../shared/ui/page-credential.ts';
import { houseName, pageSettings } from '../shared/ui/page-settings.ts';
import { startPage } from '../shared/ui/start-page.tsx';
import { StaffApp } from './staff-app.ts';
import { StaffPage } from './staff-page.tsx';

const { tenant, name = 'Staff phone', signalingServers } = pageSettings();
const app = new StaffApp(tenant, name, { signalingServers, credential: await deviceCredential() });

document.title = `${name} · ${houseName(tenant)}`;
startPage(app, isHouse, (monitor) => <StaffPage {...{ app, monitor, tenant, name }} />);
