import { readFileSync, statSync } from 'node:fs';
import { ConfigurationError, type JsonWebKeySet, readKeySet } from '@innmesh/protocol';

/** Reads a JWK set again when its file has changed; `null`: it has not. Throws `ConfigurationError`. */
export function keyFileReader(path: string, option: string): () => JsonWebKeySet | null {
  let version = '';
  return () => {
    const { mtimeMs, size, ino } = attempt(() => statSync(path));
    const found = `${mtimeMs} ${size} ${ino}`;
    if (found === version) return null;
    const keys = readKeySet(
      attempt(() => JSON.parse(readFileSync(path, 'utf8'))),
      option,
    );
    version = found;
    return keys;
  };

  function attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new ConfigurationError(option, `cannot be read from "${path}": ${(error as Error).message}`);
    }
  }
}
