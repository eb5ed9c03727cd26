import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const documents = globSync('{*.md,docs/**/*.md,bench/*.md,lib/protocol/*.md,tests/*/*.md}', { cwd: root });

describe('the documents', () => {
  it('explain every error code and every close code', () => {
    const sources = [
      'lib/protocol/errors.ts',
      'lib/webrtc/client/errors.ts',
      'lib/webrtc/client/enrolment/errors.ts',
      'lib/webrtc/client/journal/store/errors.ts',
      'lib/webrtc/signaling-server.ts',
    ];
    const codes = sources.flatMap((file) =>
      [...read(file).matchAll(/readonly code = '(\w+)'/g)].map(([, code = '']) => code),
    );
    const closeCodes = [...read('lib/protocol/close-codes.ts').matchAll(/[:=] (\d{4})[,;]/g)].map(
      ([, code = '']) => code,
    );
    expect(codes.length).toBeGreaterThan(12);
    expect(closeCodes.length).toBeGreaterThan(5);
    const explained = read('docs/errors.md');
    expect([...codes, ...closeCodes].filter((code) => !explained.includes(code))).toEqual([]);
  });

  it('explain every check of a diagnosis', () => {
    const checks = [
      ...read('lib/webrtc/client/diagnose/judge.ts').matchAll(/^ {2}'?([\w-]+)'?: \{\n {4}title: '(.*)',/gm),
    ];
    expect(checks).toHaveLength(9);
    const headings = checks.map(([, name, title = '']) => `### ${title.replaceAll('’', "'")} (\`${name}\`)`);
    expect(headings.filter((heading) => !read('docs/guide/diagnosis.md').includes(heading))).toEqual([]);
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

/** The ids of rules at the start and at the end of a title: `[L3]`, `[L3] [R1]`. */
function ruleIdsOf(title: string): string[] {
  const marks = [/^(?:\[[A-Z]\d+\] ?)+/, /(?: ?\[[A-Z]\d+\])+$/].map((place) => place.exec(title)?.[0] ?? '');
  return [...marks.join().matchAll(/[A-Z]\d+/g)].map(([id]) => id);
}

/** Titles as they are written; those of tests that are skipped hold nothing. */
function titlesIn(code: string): string[] {
  const call = /(?:\b(?:it|test|describe)(?:\.only)?|\))\(\s*(['"`])((?:\\.|(?!\1)[^\\\n])*)\1,/g;
  return [...code.matchAll(call)].map(([, , title = '']) => title);
}

describe('the rules of the protocol', () => {
  const rules = [...read('lib/protocol/SPEC.md').matchAll(/^\*\*([A-Z]\d+)\*\*( \(not testable: [^)]+\))?/gm)];
  const ids = rules.map(([, id = '']) => id);
  const named = globSync('{lib,apps,examples,tests}/**/*.test.ts', { cwd: root })
    .filter((file) => !/node_modules|documents\.test/.test(file))
    .flatMap((file) => titlesIn(read(file)).flatMap((title) => ruleIdsOf(title).map((id) => ({ id, file }))));

  it('are found in titles, at their start and their end', () => {
    const code =
      "it('[L3] a'); it('a [L3] b', x); it.each(y)('b [R1] [R2]', x); it.skip('c [D1]', x); it(`[E1] [E2] d`, x)";
    expect(titlesIn(code).flatMap(ruleIdsOf)).toEqual(['R1', 'R2', 'E1', 'E2']);
  });

  it('have ids of their own, counted up in each part', () => {
    expect(rules.length).toBeGreaterThan(60);
    const expected = [...new Set(ids.map(([part = '']) => part))].flatMap((part) =>
      ids.filter((id) => id.startsWith(part)).map((_, index) => `${part}${index + 1}`),
    );
    expect(ids).toEqual(expected);
  });

  it('each say what they prevent', () => {
    const paragraphs = read('lib/protocol/SPEC.md')
      .split(/^(?=\*\*[A-Z]\d+\*\*)/m)
      .slice(1);
    expect(paragraphs.filter((paragraph) => !/^Prevents: ./m.test(paragraph))).toEqual([]);
  });

  it('are there where a test or a document names them', () => {
    expect(named.filter(({ id }) => !ids.includes(id))).toEqual([]);
    const linked = ['SECURITY.md', 'lib/protocol/SPEC.md'].flatMap((file) =>
      [...read(file).matchAll(/(?<![\w-])[KJLRDEW]\d{1,2}(?!\w)/g)].map(([id]) => ({ id, file })),
    );
    expect(linked.filter(({ id }) => !ids.includes(id))).toEqual([]);
  });

  it('are each held by a test, but for those that say why they cannot be', () => {
    const testable = rules.filter(([, , excuse]) => excuse === undefined).map(([, id]) => id);
    const held = new Set(named.map(({ id }) => id));
    expect(testable.filter((id) => !held.has(id ?? ''))).toEqual([]);
  });
});
