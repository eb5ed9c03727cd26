import { appendLine } from './ledger.ts';
import { type Command, SoakDevice, type SoakSettings } from './soak-device.ts';

/* A device in a Node process: `node node-program.ts '{settings}' ledger`, told what to do over the channel of its parent. */

const [settings = '', ledger = ''] = process.argv.slice(2);
const device = new SoakDevice(JSON.parse(settings) as SoakSettings, (line) =>
  appendLine(ledger, line, line.kind === 'stored'),
);

process.on('message', (command: Command) => void device[command]());
process.on('disconnect', () => process.exit());
await device.start();
process.send?.('started');
