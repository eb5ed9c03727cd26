import { describePath, unlinked } from './link/path.ts';
import type { RelayMeters } from './link/relay-meter.ts';
import type { Peer } from './mesh/peer.ts';
import type { NetworkTopology, Prices } from './public-types.ts';

/** How long `getNetworkTopology()` waits for the answer to its ping. */
const MEASURE_TIMEOUT_MS = 2_000;
const BYTES_PER_GIGABYTE = 1e9;

export interface PathReportsDeps {
  prices: Prices;
  relayed: RelayMeters;
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
    if (!link?.isOpen) return this.#absent(peerId);
    // Before the statistics, which keep a browser busy for some milliseconds.
    await link.roundTrip.probe(MEASURE_TIMEOUT_MS);
    if (!link.isOpen) return this.#absent(peerId);
    const { smoothedMs, jitterMs } = link.roundTrip;
    const path = await describePath(await link.stats());
    return { peerId, latency: smoothedMs, jitter: jitterMs, estimatedCost: this.#cost(peerId), ...path };
  }

  #absent(peerId: string): NetworkTopology {
    const path = unlinked('No link to this device stands yet.');
    return { peerId, latency: null, jitter: null, estimatedCost: this.#cost(peerId), ...path };
  }

  #cost(peerId: string): number {
    const { prices, relayed } = this.#deps;
    return (relayed.of(peerId).bytes / BYTES_PER_GIGABYTE) * prices.relayUsdPerGigabyte;
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
