import type { NetworkTopology } from '../public-types.ts';

/** What the statistics of a connection say of its way. */
export type Path = Pick<NetworkTopology, 'topology' | 'path' | 'bytesSent' | 'bytesReceived' | 'reason'>;

const NO_PATH = { topology: 'unknown', path: null, bytesSent: 0, bytesReceived: 0 } as const;

/** While there is no link. */
export const unlinked = (reason: string): Path => ({ ...NO_PATH, reason });

/**
 * Loaded when it is first asked for: many pages never are. Where the page's own server is out of reach by then, the
 * path stays unknown and the reason says so.
 */
export async function describePath(
  report: Pick<RTCStatsReport, 'values'>,
  load = () => import('./topology.ts'),
): Promise<Path> {
  try {
    const { readPath } = await load();
    return readPath(report.values() as Iterable<RTCStats>);
  } catch (error) {
    return unlinked(`The code that reads the path could not be loaded: ${error}`);
  }
}
