import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rolldown } from 'vite';
import type { ContestantEntry } from '../contestants/index.ts';

const benchFolder = join(import.meta.dirname, '..').replaceAll('\\', '/');

export type Files = Map<string, string>;

export interface BundleSize {
  minifiedBytes: number;
  gzipBytes: number;
  /** Loaded on demand only; not in the two above. */
  lazyGzipBytes: number;
}

/** The page of a contestant: its file of `contestants/` with the harness around it. */
export async function bundlePage({ name }: ContestantEntry): Promise<Files> {
  return bundleEntry(`
    import { contestant } from '${benchFolder}/contestants/${name}.ts';
    import { expose } from '${benchFolder}/page/expose.ts';
    expose(contestant);`);
}

/** A page's scripts; the entry is `index.js`. */
export async function bundleEntry(entryCode: string): Promise<Files> {
  const chunks = await bundle(entryCode);
  return new Map(chunks.map(({ fileName, code }) => [fileName, `${COMPILE_HINT}\n${code}`]));
}

/** A page's script that imports nothing on demand. */
export async function bundleScript(entryCode: string): Promise<string> {
  const [script] = await bundle(entryCode);
  return script?.code ?? '';
}

export async function measureBundle({ clientImport }: ContestantEntry): Promise<BundleSize | undefined> {
  if (!clientImport) return undefined;
  const { atOnce, later } = await bundleClient(clientImport);
  return {
    minifiedBytes: sum(atOnce, byteLength),
    gzipBytes: sum(atOnce, gzipLength),
    lazyGzipBytes: sum(later, gzipLength),
  };
}

/** What a page loads that imports a library and nothing else: before it runs, and on demand. */
export async function bundleClient(clientImport: string) {
  const chunks = await bundle(`${clientImport}; globalThis.client = client;`);
  const atOnce = neededAtOnce(chunks);
  return { atOnce, later: chunks.filter((chunk) => !atOnce.includes(chunk)) };
}

/** Has Chromium compile a page's functions while it loads, not one by one when they are first called. */
const COMPILE_HINT = '//# allFunctionsCalledOnLoad';

const entryId = 'virtual:entry';

async function bundle(entryCode: string): Promise<Rolldown.OutputChunk[]> {
  const output = await build({
    root: benchFolder,
    configFile: false,
    logLevel: 'error',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entryId ? id : undefined),
        load: (id) => (id === entryId ? entryCode : undefined),
      },
    ],
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      target: 'es2022',
      // An application's build adds Vite's own preloading to whatever imports on demand, whichever library that is.
      lib: { entry: entryId, formats: ['es'] },
      rolldownOptions: {
        input: entryId,
        preserveEntrySignatures: false,
        output: { entryFileNames: 'index.js', minify: true, comments: false },
      },
    },
  });
  const [{ output: files }] = output as [Rolldown.RolldownOutput];
  return files.filter((file) => file.type === 'chunk');
}

function neededAtOnce(chunks: Rolldown.OutputChunk[]): Rolldown.OutputChunk[] {
  const needed = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const chunk of needed) {
    for (const other of chunks) if (chunk.imports.includes(other.fileName)) needed.add(other);
  }
  return [...needed];
}

function sum(chunks: Rolldown.OutputChunk[], measure: (code: string) => number): number {
  return chunks.reduce((total, { code }) => total + measure(code), 0);
}

const byteLength = (code: string) => Buffer.byteLength(code);
const gzipLength = (code: string) => gzipSync(code, { level: 9 }).byteLength;
