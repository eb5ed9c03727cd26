import { readdirSync, readFileSync } from 'node:fs';
import type { Host } from '../network/host.ts';
import type { PageStation } from '../stations/page-station.ts';

/** What a host and its pages hold; of several pages, the one that holds most. */
export interface Figures {
  made: number;
  open: number;
  uncollected: number;
  heapBytes: number;
  /** Of all processes on the host: those of its browser. */
  udpSockets: number;
  files: number;
  threads: number;
  residentBytes: number;
}

export async function figuresOf(host: Host, pages: readonly PageStation[]): Promise<Figures> {
  const heaps: number[] = [];
  for (const page of pages) heaps.push(await page.heapBytes());
  // After that: what is closed is not collected where somebody keeps it.
  const counts = await Promise.all(pages.map((page) => page.countConnections()));
  const most = (of: (count: (typeof counts)[number]) => number) => Math.max(...counts.map(of));
  const pids = await host.namespace.pids();
  const sum = (of: (pid: number) => number) => pids.reduce((total, pid) => total + of(pid), 0);
  return {
    made: most(({ made }) => made),
    open: most(({ open }) => open),
    uncollected: most(({ uncollected }) => uncollected),
    heapBytes: Math.max(...heaps),
    udpSockets: await udpSocketsOf(host),
    files: sum((pid) => countEntries(`/proc/${pid}/fd`)),
    threads: sum((pid) => countEntries(`/proc/${pid}/task`)),
    residentBytes: sum(residentBytes),
  };
}

export async function udpSocketsOf({ namespace }: Host): Promise<number> {
  return (await namespace.run('ss', '-uanH')).split('\n').filter(Boolean).length;
}

/** Processes come and go. */
function countEntries(folder: string): number {
  try {
    return readdirSync(folder).length;
  } catch {
    return 0;
  }
}

function residentBytes(pid: number): number {
  try {
    const [, kilobytes = '0'] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) * 1_024;
  } catch {
    return 0;
  }
}
