import { describePath, unlinked } from './link/path.ts';
import type { Peer } from './mesh/peer.ts';
import type { NetworkTopology, Prices } from './public-types.ts';

/** How long `getNetworkTopology()` waits for the answer to its ping. */
const MEASURE_TIMEOUT_MS = 2_000;

export interface PathReportsDeps {
  prices: Prices;
  /** Whether anybody listens: to find it out keeps a browser busy for some milliseconds. */
  isWanted(): boolean;
  found(topology: NetworkTopology): void;
}

/** Which way each peer's link goes. */
export class PathReports {
  readonly #deps: PathReportsDeps;

  constructor(deps: PathReportsDeps) {
    this.#deps = deps;
  }

  async measure({ peerId, link }: Peer): Promise<NetworkTopology> {
    const absent = { peerId, latency: null, ...unlinked('No link to this device stands yet.') };
    if (!link?.isOpen) return absent;
    // Before the statistics, which keep a browser busy for some milliseconds.
    await link.roundTrip.probe(MEASURE_TIMEOUT_MS);
    if (!link.isOpen) return absent;
    const path = await describePath(await link.stats(), this.#deps.prices);
    return { peerId, latency: link.roundTrip.smoothedMs, ...path };
  }

  /** Tells of ways that differ from the last one told of. */
  report(peers: readonly Peer[]): void {
    for (const peer of peers) this.#report(peer);
  }

  async #report(peer: Peer): Promise<void> {
    const { link } = peer;
    if (!link?.isOpen || !this.#deps.isWanted()) return;
    const topology = await this.measure(peer);
    if (!topology.path || peer.link !== link || topology.path === peer.reportedPath) return;
    peer.reportedPath = topology.path;
    this.#deps.found(topology);
  }
}
