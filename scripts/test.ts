import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findChromium } from './chromium.ts';

/*
 * All that has to hold before a change lands: format and lint, types, the size of the bundle, tests. The last line
 * counts, whatever happens: `N passed, N failed`. `--checks-only` leaves the tests out; other arguments choose among
 * them, as vitest's do.
 */

const root = join(import.meta.dirname, '..');
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

/** Each compiles against the types of the one platform that its code runs on. */
const projects = [
  'lib/kit',
  'lib/protocol',
  'lib/webrtc/client',
  'lib/webrtc/client/tsconfig.node.json',
  'lib/webrtc/server',
  'examples',
  'apps/enrolment',
  'examples/tsconfig.node.json',
  'bench',
  'tests',
];

function run(title: string, command: string, args: string[]): boolean {
  const startMs = performance.now();
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${status === 0 ? 'ok' : 'FAILED'}: ${title} (${seconds} s)\n`);
  return status === 0;
}

function checks(): boolean {
  const linted = run('format and lint', bin('biome'), ['ci', '--error-on-warnings']);
  const typed = projects.map((project) => run(`types of ${project}`, bin('tsc'), ['-p', project]));
  const small = run('size of the core bundle', process.execPath, [join(root, 'scripts', 'size.ts')]);
  return linted && typed.every(Boolean) && small;
}

/** Prints its own last line; a run that never came so far has failed. */
async function tests(filters: string[]): Promise<boolean> {
  const { source } = await findChromium({ log: console.log });
  console.log(`Browser tests run in Chromium: ${source}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-test-'));
  const counted = join(folder, 'counted');
  const env = { ...process.env, INNMESH_TESTS_COUNTED: counted };
  const { status } = spawnSync(bin('vitest'), ['run', ...filters], { cwd: root, stdio: 'inherit', env });
  if (!existsSync(counted)) console.log('0 passed, 1 failed');
  rmSync(folder, { recursive: true });
  return status === 0;
}

function fail(reason: unknown): never {
  console.error(reason);
  console.log('0 passed, 1 failed');
  process.exit(1);
}

const filters = process.argv.slice(2);
if (!checks()) fail('Not tested: the checks above come first.');
if (filters[0] !== '--checks-only') process.exitCode = (await tests(filters).catch(fail)) ? 0 : 1;
