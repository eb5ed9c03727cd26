import { setTimeout as sleep } from 'node:timers/promises';
import { createLan } from './lan.ts';

/* A network that waits for what comes to its process, for the test of what is left of it. */

const lan = await createLan();
await lan.host('kitchen');
process.once('SIGINT', () => process.exit());
console.log(`made ${lan.prefix}`);
await sleep(600_000);
