import '../../shared/ui/theme.css';
import '../../shared/ui/parts.css';
import './printer.css';
import { deviceCredential } from '../../shared/ui/page-credential.ts';
import { houseName, pageSettings } from '../../shared/ui/page-settings.ts';
import { startPage } from '../../shared/ui/start-page.tsx';
import { PrinterWebApp } from '../printer-web-app.ts';
import { PrinterPage } from './printer-page.tsx';
import { ScreenPrinter } from './screen-printer.ts';

/** Besides the parameters of each page: `?language=star-prnt&columns=48`. */
const { tenant, name = 'Front Desk Printer', signalingServers, parameters } = pageSettings();
const screen = new ScreenPrinter();
const app = new PrinterWebApp(tenant, name, 'receipt', {
  signalingServers,
  credential: await deviceCredential(),
  language: parameters.get('language') === 'star-prnt' ? 'star-prnt' : 'esc-pos',
  columns: Math.min(64, Math.max(24, Number(parameters.get('columns')) || 42)),
  output: screen,
});

document.title = `${name} · ${houseName(tenant)}`;
startPage(
  app,
  ({ deviceInfo }) => deviceInfo.type === 'pos',
  (monitor) => <PrinterPage {...{ app, screen, monitor, tenant, name }} />,
);
