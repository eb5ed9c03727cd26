import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Program {
  /** Everything that it has printed. */
  output(): string;
  /** Resolves when it has printed something that fits. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpMatchArray>;
  signal(signal: NodeJS.Signals): void;
  exited: Promise<number | null>;
}

/** Runs a file of this repository as `npm start` and people do. */
export function runProgram(file: string, env: Record<string, string>, args: string[] = []): Program {
  const child: ChildProcess = spawn(process.execPath, [join(root, file), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
  });
  let output = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data) => {
      output += data;
      for (const listener of [...listeners]) listener();
    });
  }
  return {
    output: () => output,
    printed: (pattern, timeoutMs = 60_000) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`Did not print ${pattern}:\n${output}`)), timeoutMs);
        const look = () => {
          const found = output.match(pattern);
          if (!found) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        look();
      }),
    signal: (signal) => child.kill(signal),
    exited: new Promise((resolve) => child.once('exit', (code) => resolve(code))),
  };
}
