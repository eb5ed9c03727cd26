import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { refusalKinds } from './refusals.ts';

const text = readFileSync(join(import.meta.dirname, '../../../docs/operations/signaling-server.md'), 'utf8');

/** The defaults as the document writes them, by the path under `limits`. */
function defaultsOf(limits: object): [path: string, written: string][] {
  return Object.entries(limits).flatMap(([part, options]) =>
    Object.entries(options as object).map(([name, value]): [string, string] => [
      `${part}.${name}`,
      written(name, value),
    ]),
  );
}

function written(name: string, value: number | { burst: number; perSecond: number }): string {
  if (typeof value === 'object') {
    const [burst, perSecond] = [value.burst, value.perSecond].map((each) => written(name, each));
    return `${burst} at once, ${perSecond} a second`;
  }
  if (/bytes$/i.test(name)) return binary(value);
  return `${value.toLocaleString('en')}${name.endsWith('Ms') ? ' ms' : ''}`;
}

function binary(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB'];
  const power = Math.floor(Math.log2(bytes) / 10);
  return `${bytes / 1024 ** power} ${units[power]}`;
}

describe('the document for operators', () => {
  it.each(defaultsOf(readOptions({}).limits))('gives %s its default of %s', (path, value) => {
    expect(text).toMatch(new RegExp(`\\| \`${path}\` \\|[^|]+\\| ${value} \\|`));
  });

  it.each(refusalKinds)('explains the refusals of the kind %s', (kind) => expect(text).toContain(`\`${kind}\``));
});
