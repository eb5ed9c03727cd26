import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** What the compiler says of these files, under the settings of one project of ours. */
function compile(project: string, files: Record<string, string>): string {
  const folder = mkdtempSync(join(root, 'tests', '.types-'));
  folders.push(folder);
  for (const [name, code] of Object.entries(files)) writeFileSync(join(folder, name), code);
  const settings = {
    extends: join(root, project),
    include: ['*.ts', join(root, 'lib/kit/platform.d.ts')],
    exclude: [],
  };
  if (!project.includes('kit')) settings.include.pop();
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  const { stdout, stderr } = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' });
  return stdout + stderr;
}

const usesNode = 'export const pid = process.pid;';
const importsNode = "import { readFileSync } from 'node:fs'; export const read = readFileSync;";
const usesDom = 'export const title = document.title;';

describe('the types of a platform', () => {
  it('of Node do not compile in code for browsers', () => {
    expect(compile('lib/webrtc/client/tsconfig.json', { 'a.ts': usesNode })).toContain("Cannot find name 'process'");
    expect(compile('lib/webrtc/client/tsconfig.json', { 'a.ts': importsNode })).toContain("'node:fs'");
    expect(compile('examples/tsconfig.json', { 'a.ts': usesNode })).toContain("Cannot find name 'process'");
  });

  it('of browsers do not compile in the server', () => {
    expect(compile('lib/webrtc/server/tsconfig.json', { 'a.ts': usesDom })).toContain("Cannot find name 'document'");
  });

  it('of neither compile in kit and protocol', () => {
    for (const project of ['lib/kit/tsconfig.json', 'lib/protocol/tsconfig.json']) {
      expect(compile(project, { 'a.ts': usesNode })).toContain("Cannot find name 'process'");
      expect(compile(project, { 'a.ts': usesDom })).toContain("Cannot find name 'document'");
    }
  });

  it('that an application declares for its own messages are checked', () => {
    const code = (taken: string) => `
      import { P2PConnection } from '@innmesh/webrtc';
      declare const connection: P2PConnection<{ type: 'x-minibar'; data: { taken: string[] } }>;
      connection.send({ type: 'x-minibar', data: { taken: ${taken} } });`;
    expect(compile('lib/webrtc/client/tsconfig.json', { 'a.ts': code("['water']") })).toBe('');
    expect(compile('lib/webrtc/client/tsconfig.json', { 'a.ts': code('1') })).toContain('not assignable');
  });
});

describe('the README', () => {
  it('has only snippets that compile', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const snippets = [...readme.matchAll(/```ts\n(.*?)```/gs)].map(([, code = '']) => code);
    expect(snippets.length).toBeGreaterThanOrEqual(4);
    const files = Object.fromEntries(snippets.map((code, index) => [`snippet-${index}.ts`, code]));
    expect(compile('tests/tsconfig.json', files)).toBe('');
  });
});
