import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { findExecutable } from './executables.ts';

const run = promisify(execFile);

export interface AptOptions {
  log: (line: string) => void;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

/** Installs Debian's packages where this user may; says whether they are there now. */
export async function aptInstall(packages: string[], { log, env = process.env }: AptOptions): Promise<boolean> {
  const aptGet = process.platform === 'linux' ? await findExecutable('apt-get', env) : undefined;
  if (!aptGet) return false;
  const names = packages.join(' ');
  const asRoot = await rootPrefix(env);
  if (!asRoot) {
    log(`${names}: apt-get is here, but neither root nor sudo without a password; not installing`);
    return false;
  }
  try {
    log(`${names}: not on this system; installing with apt-get`);
    const apt = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', aptGet, '-o', 'DPkg::Lock::Timeout=120'];
    await runLong([...apt, 'update']);
    await runLong([...apt, 'install', '-y', '--no-install-recommends', ...packages]);
    return true;
  } catch (error) {
    log(`${names}: apt-get failed (${firstLine(error)})`);
    return false;
  }
}

/** The path of a program, the system's or one that is installed now; `undefined` where it is not to be had. */
export async function installed(program: string, packageName: string, options: AptOptions) {
  const present = () => findExecutable(program, options.env);
  return (await present()) ?? ((await aptInstall([packageName], options)) ? present() : undefined);
}

/** What a program that failed complained of first. */
export function firstLine(error: unknown): string {
  const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
  return (stderr.trim() || message).split('\n')[0] ?? '';
}

async function rootPrefix(env: NodeJS.ProcessEnv): Promise<string[] | undefined> {
  if (process.getuid?.() === 0) return [];
  const sudo = await findExecutable('sudo', env);
  if (!sudo) return undefined;
  return run(sudo, ['-n', 'true']).then(
    () => [sudo, '-n'],
    () => undefined,
  );
}

async function runLong([command = '', ...args]: string[]): Promise<void> {
  await run(command, args, { timeout: 15 * 60_000, maxBuffer: 64 * 1024 * 1024 });
}
