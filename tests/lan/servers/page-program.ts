import { join } from 'node:path';
import { bundleEntry } from '../../../bench/harness/bundle.ts';
import { startPageServer } from '../../../bench/harness/page-server.ts';

/* Pages that are a station each: `node page-program.ts ADDRESS PORT CONTESTANT…`; a contestant's is at `/CONTESTANT/`. */

const [host = '', port = '', ...names] = process.argv.slice(2);
const root = join(import.meta.dirname, '../../..');
const pages = new Map<string, Map<string, string>>();
for (const name of names) pages.set(name, await bundleEntry(name === 'innmesh' ? innmesh() : contestant(name)));
const { url } = await startPageServer(pages, { host, port: Number(port) });
process.on('disconnect', () => process.exit());
process.send?.(Number(new URL(url('')).port));

function innmesh(): string {
  return `
    import { InnmeshProgram } from '${root}/tests/lan/stations/innmesh-program.ts';
    window.createProgram = (settings) => new InnmeshProgram(settings);`;
}

function contestant(name: string): string {
  return `
    import { contestant } from '${root}/bench/contestants/${name}.ts';
    import { ContestantProgram } from '${root}/tests/lan/stations/contestant-program.ts';
    window.createProgram = (settings) => new ContestantProgram(contestant, settings);`;
}
