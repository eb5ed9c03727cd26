import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves when it is over and the subject is up again; `forMs`: how long it lasts. */
export type Trouble = (forMs: number) => Promise<void>;

/** What can be in trouble. */
export interface Subject {
  readonly name: string;
  readonly troubles: Readonly<Record<string, Trouble>>;
}

/** A device of the soak; its ledger is out of its own reach. */
export interface Device extends Subject {
  readonly starts: number;
  start(): Promise<void>;
  stopWriting(): Promise<void>;
  close(): Promise<void>;
}

/** Told of what nobody did on purpose. */
export type Failed = (what: string) => void;

/** Processes that do nothing for a while, as those of a phone that is locked. */
export async function freeze(pids: number[], forMs: number): Promise<void> {
  signalAll(pids, 'SIGSTOP');
  await sleep(forMs);
  signalAll(pids, 'SIGCONT');
}

/** Some may have gone by themselves, as a renderer that is not needed any more. */
export function signalAll(pids: number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}
