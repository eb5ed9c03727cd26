import { aptInstall } from '../../../scripts/apt.ts';
import { findExecutable } from '../../../scripts/executables.ts';
import { run } from './command.ts';
import { claimPrefix } from './ownership.ts';

export class LanUnavailableError extends Error {
  constructor(reason: string) {
    super(`No network can be made on this machine: ${reason}`);
  }
}

/** Debian's packages, by a program of each. */
const packages: Record<string, string> = { ip: 'iproute2', iptables: 'iptables', ping: 'iputils-ping' };

let answer: Promise<string | undefined> | undefined;

/** Why no network can be made here, in words; nothing where it can. Installs Debian's packages where it may. */
export function whyNoLan(): Promise<string | undefined> {
  answer ??= findOut();
  return answer;
}

async function findOut(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'it needs the network namespaces of Linux.';
  if (process.getuid?.() !== 0)
    return 'it takes root to make network namespaces. Run it as root, for instance in a container.';
  for (const program of Object.keys(packages)) {
    if (!(await needProgram(program))) return `there is no "${program}". Install the package "${packages[program]}".`;
  }
  return tryNamespace();
}

/** Whether a program is there, after it was installed where it may be. */
export async function needProgram(program: string, debianPackage = packages[program] ?? program): Promise<boolean> {
  if (await findExecutable(program)) return true;
  return (await aptInstall([debianPackage], { log: console.log })) && (await findExecutable(program)) !== undefined;
}

/** Containers have root that may not. */
async function tryNamespace(): Promise<string | undefined> {
  const name = `${claimPrefix()}-trial`;
  try {
    await run('ip', 'netns', 'add', name);
    await run('ip', '-n', name, 'link', 'add', 'trial0', 'type', 'veth', 'peer', 'name', 'trial1');
    await run(
      'ip',
      'netns',
      'exec',
      name,
      'iptables',
      '-A',
      'INPUT',
      '-m',
      'statistic',
      '--mode',
      'random',
      '--probability',
      '0.5',
      '-j',
      'DROP',
    );
    await run('ip', 'netns', 'delete', name);
    return undefined;
  } catch (error) {
    return `root may not make networks here (${error instanceof Error ? error.message : error}). In a container it needs --privileged.`;
  }
}
