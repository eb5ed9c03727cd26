import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, uptime } from 'node:os';
import { join } from 'node:path';

/** What this machine keeps as a device: files that only their owner may read, in `INNMESH_HOME` or `~/.innmesh`. */
export class DeviceFolder {
  readonly #path: string;

  constructor(path = join(process.env.INNMESH_HOME || join(homedir(), '.innmesh'), 'device')) {
    this.#path = path;
    mkdirSync(path, { recursive: true, mode: 0o700 });
  }

  read(name: string): string | undefined {
    return readIfThere(this.pathOf(name));
  }

  /** Replaced whole, so that a power cut leaves one of both. */
  write(name: string, text: string): void {
    const path = this.pathOf(name);
    renameSync(this.#draft(path, text), path);
  }

  /** The file as it is there, or as it is made now; where two processes make it at once, the first one counts. */
  addFirst(name: string, make: () => string): { path: string; text: string } {
    const path = this.pathOf(name);
    const kept = readIfThere(path);
    if (kept !== undefined) return { path, text: kept };
    const draft = this.#draft(path, make());
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
    return { path, text: readFileSync(path, 'utf8') };
  }

  /** For this caller alone, until the process ends or it is released; `null` while somebody who lives has it. */
  claim(name: string): (() => void) | null {
    const path = this.pathOf(`${name}.lock`);
    const holder = Number(readIfThere(path) ?? 0);
    if (holder > 0) {
      if (isHeld(path, holder)) return null;
      rmSync(path, { force: true });
    }
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
      throw error;
    }
    return () => rmSync(path, { force: true });
  }

  /** Of a file in it; a name may hold whatever a person calls a device. */
  pathOf(name: string): string {
    const encoded = encodeURIComponent(name).replaceAll('*', '%2A');
    const isShort = encoded.length <= 200;
    return join(this.#path, isShort ? encoded : createHash('sha256').update(name).digest('hex') + encoded.slice(-9));
  }

  #draft(path: string, text: string): string {
    const draft = `${path}.${process.pid}.new`;
    writeFileSync(draft, text, { mode: 0o600, flush: true });
    return draft;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Numbers of processes come round: in a container each start has the same. */
function isHeld(path: string, pid: number): boolean {
  const heldSinceMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const livesForSeconds = pid === process.pid ? process.uptime() : uptime();
  return heldSinceMs >= Date.now() - livesForSeconds * 1000 && isAlive(pid);
}

/** Of another user's process, too, it is only known that it lives. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
