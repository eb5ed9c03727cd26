/**
 * Runs a printer without a screen: `npx tsx examples/printer-p2p/print-host.ts --printer 192.168.1.50`.
 */
import { parseArgs } from 'node:util';
import { systemClock, systemRandom } from '@innmesh/kit';
import { enrolledCredential } from '@innmesh/webrtc/enrolment';
import { keepConnecting } from '../shared/keep-connecting.ts';
import { PrinterWebApp } from './printer-web-app.ts';
import { rawTcpPrinter } from './raw-tcp-printer.node.ts';

const usage = `Usage: print-host.ts --printer HOST[:9100] [--tenant demo-hotel] [--name "Front Desk Printer"]
  [--signaling ws://localhost:8080] [--issuer http://localhost:8080] [--language esc-pos|star-prnt] [--columns 42]`;

const { values } = parseArgs({
  options: {
    printer: { type: 'string' },
    tenant: { type: 'string', default: 'demo-hotel' },
    name: { type: 'string', default: 'Front Desk Printer' },
    signaling: { type: 'string', default: 'ws://localhost:8080' },
    issuer: { type: 'string' },
    language: { type: 'string', default: 'esc-pos' },
    columns: { type: 'string', default: '42' },
  },
});

const { printer, tenant, name, signaling, issuer, language, columns } = values;
if (!printer || (language !== 'esc-pos' && language !== 'star-prnt') || !(Number(columns) >= 24)) {
  console.error(usage);
  process.exit(2);
}

const [host = '', port = '9100'] = printer.split(':');
const credential =
  issuer &&
  enrolledCredential({
    issuer,
    onCode: ({ userCode, verificationUri }) =>
      console.log(`Have a manager let "${name}" in: the code ${userCode} at ${verificationUri}`),
  });
const app = new PrinterWebApp(tenant, name, 'receipt', {
  signalingServers: [signaling],
  ...(credential && { credential }),
  language,
  columns: Number(columns),
  output: rawTcpPrinter({ host, port: Number(port), asksStatus: language === 'esc-pos' }),
});

const shown = new Map<string, string>();
app.onChange(() => {
  for (const { jobId, status, sender, reason = '' } of app.jobs) {
    if (shown.get(jobId) !== status) console.log(`${jobId} from ${sender}: ${status} ${reason}`.trimEnd());
    shown.set(jobId, status);
  }
});
app.connection.on('peers-discovered', () => console.log(`"${name}" is in ${tenant}, printing on ${host}:${port}.`));
app.connection.on('reconnecting', () => console.log('The signaling server is lost; trying again.'));

const giveUp = keepConnecting(
  () => app.connect(),
  ({ message }) => console.error(`${message} Trying again.`),
  { clock: systemClock, random: systemRandom },
);

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    giveUp();
    app.disconnect();
    process.exit(0);
  });
}
