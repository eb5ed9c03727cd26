import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CredentialStore, KeptCredential } from './credential-store.ts';

/** In a JSON file that only its owner may read (mode 0600). Default: `.innmesh/credentials.json` in the home folder. */
export function openCredentialStore(path = join(homedir(), '.innmesh', 'credentials.json')): CredentialStore {
  // One after the other: each change reads the whole file and writes it.
  let last: Promise<unknown> = Promise.resolve();
  function change(work: (kept: Record<string, KeptCredential>) => void): Promise<void> {
    const done = last.then(async () => {
      const kept = await readAll(path);
      work(kept);
      await writeAll(path, kept);
    });
    last = done.catch(() => {});
    return done;
  }
  return {
    async read(key) {
      await last;
      return (await readAll(path))[key];
    },
    write: (key, kept) =>
      change((all) => {
        all[key] = kept;
      }),
    remove: (key) =>
      change((all) => {
        delete all[key];
      }),
  };
}

async function readAll(path: string): Promise<Record<string, KeptCredential>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Record<string, KeptCredential>;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}

/** Replaced whole, so that a power cut leaves one of both. */
async function writeAll(path: string, kept: Record<string, KeptCredential>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.new`;
  const file = await open(draft, 'w', 0o600);
  await file.writeFile(`${JSON.stringify(kept, null, 2)}\n`);
  await file.sync();
  await file.close();
  await rename(draft, path);
}
