import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/*
 * Every namespace and folder of the lab bears the process that made it in its name. So two runs on one machine never meet,
 * and what a run that crashed has left is known by its owner being gone.
 */

const PREFIX = 'innmesh-lan';
const NAME = new RegExp(`^${PREFIX}-(\\d+\\.\\d+)-`);

/** A process id comes again one day; not with the same start. Field 22 of `proc(5)`'s `stat`. */
function ownerOf(pid: number): string | undefined {
  try {
    const afterName = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1) ?? '';
    return `${pid}.${afterName.split(' ')[19]}`;
  } catch {
    return undefined;
  }
}

let count = 0;

/** Begins the names of one lab. */
export function claimPrefix(): string {
  if (count === 0) process.once('exit', removeOwn);
  return `${PREFIX}-${ownerOf(process.pid)}-${count++}`;
}

/** What runs left that could not clean up after themselves. */
export function removeLeftovers(): void {
  const isOrphaned = (owner: string) => ownerOf(Number.parseInt(owner, 10)) !== owner;
  remove((name) => isOrphaned(NAME.exec(name)?.[1] ?? ''));
}

/** Whatever this process still has when it ends. */
function removeOwn(): void {
  remove((name) => name.startsWith(`${PREFIX}-${ownerOf(process.pid)}-`));
}

function remove(isMeant: (name: string) => boolean): void {
  for (const name of namespaces().filter((name) => NAME.test(name) && isMeant(name))) removeNamespace(name);
  for (const name of readdirSync(tmpdir()).filter((name) => NAME.test(name) && isMeant(name))) {
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function namespaces(): string[] {
  const { stdout = '' } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').map((line) => line.split(' ')[0] ?? '');
}

/** With the processes in it. Its interfaces go with it. */
export function removeNamespace(name: string): void {
  const { stdout } = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' });
  const pids = stdout.split('\n').filter(Boolean);
  if (pids.length > 0) spawnSync('kill', ['-KILL', ...pids]);
  spawnSync('ip', ['netns', 'delete', name]);
}
