import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleClient } from '../bench/harness/bundle.ts';

/*
 * Holds the core bundle against the limit in `.size-limit.json`: what a page loads before it can connect, built by Vite
 * as `npm run bench` reports it. Chunks that are imported on demand are not part of it.
 */

const root = join(import.meta.dirname, '..');
const folder = join(root, 'artifacts', 'core-bundle');

const { atOnce } = await bundleClient(`import { P2PConnection as client } from '@innmesh/webrtc'`);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const { fileName, code } of atOnce) writeFileSync(join(folder, fileName.replaceAll('/', '-')), code);

const { status } = spawnSync(join(root, 'node_modules', '.bin', 'size-limit'), { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
