import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Runs a program to its end and returns what it printed. Rejects with the command and what it complained of. */
export async function run(command: string, ...args: string[]): Promise<string> {
  try {
    return (await execute(command, args)).stdout;
  } catch (error) {
    const { stderr = '', message = '' } = error as { stderr?: string; message?: string };
    throw new Error(`${[command, ...args].join(' ')}: ${stderr.trim() || message}`);
  }
}
