import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import type { KeyRingFile } from '../issuer/key-ring.ts';

/** The keys in a JSON file that only its owner may read (mode 0600). It is replaced whole, so that a power cut leaves one of both. */
export function keyRingFile(path: string): KeyRingFile {
  return {
    read() {
      try {
        return JSON.parse(readFileSync(path, 'utf8')) as unknown;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    write(state) {
      const draft = `${path}.new`;
      rmSync(draft, { force: true });
      const file = openSync(draft, 'wx', 0o600);
      writeSync(file, `${JSON.stringify(state, null, 2)}\n`);
      fsyncSync(file);
      closeSync(file);
      renameSync(draft, path);
    },
  };
}

/** Keys that are gone with the process. */
export function memoryKeyRing(): KeyRingFile {
  let kept: unknown;
  return {
    read: () => kept,
    write(state) {
      kept = structuredClone(state);
    },
  };
}
