import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = globSync('{*.md,docs/**/*.md,bench/*.md}', { cwd: root });

describe('the documents', () => {
  it('explain every error code and every close code', () => {
    const sources = [
      'lib/protocol/errors.ts',
      'lib/webrtc/client/errors.ts',
      'lib/webrtc/client/enrolment/errors.ts',
      'lib/webrtc/signaling-server.ts',
    ];
    const codes = sources.flatMap((file) =>
      [...read(file).matchAll(/readonly code = '(\w+)'/g)].map(([, code = '']) => code),
    );
    const closeCodes = [...read('lib/protocol/close-codes.ts').matchAll(/: (\d{4}),/g)].map(([, code = '']) => code);
    expect(codes.length).toBeGreaterThan(12);
    expect(closeCodes.length).toBeGreaterThan(5);
    const explained = read('docs/errors.md');
    expect([...codes, ...closeCodes].filter((code) => !explained.includes(code))).toEqual([]);
  });

  it('link only to files that exist', () => {
    const broken = documents.flatMap((file) =>
      [...read(file).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => join(dirname(file), target))
        .filter((target) => !existsSync(join(root, target)))
        .map((target) => `${file} → ${target}`),
    );
    expect(broken).toEqual([]);
  });

  it('name only npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = documents.flatMap((file) =>
      [...read(file).matchAll(/npm run ([\w:]+)/g)].map(([, script = '']) => script),
    );
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});
