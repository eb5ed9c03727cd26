type Bytes = { bytesSent: number; bytesReceived: number };

/** node-datachannel gives a pair another name each time, and the bytes of the whole connection. */
export class PairCounter {
  #all: Bytes = { bytesSent: 0, bytesReceived: 0 };
  readonly #byPair = new Map<string, Bytes>();

  /** What has come since the last report is taken to have come by the way that is selected now. */
  count(report: Map<string, RTCStats>): RTCStatsReport {
    const entries = [...report.values()] as (RTCStats & Record<string, unknown>)[];
    const pair = entries.find(({ type }) => type === 'candidate-pair') as
      | (RTCIceCandidatePairStats & Bytes)
      | undefined;
    if (!pair) return report as unknown as RTCStatsReport;
    const ends = entries.filter(({ type }) => type.endsWith('-candidate'));
    const id = ends.map(({ type, candidateType, ip, port }) => `${type} ${candidateType} ${ip} ${port}`).join();
    const before = this.#byPair.get(id) ?? { bytesSent: 0, bytesReceived: 0 };
    const counted = {
      bytesSent: before.bytesSent + pair.bytesSent - this.#all.bytesSent,
      bytesReceived: before.bytesReceived + pair.bytesReceived - this.#all.bytesReceived,
    };
    this.#byPair.set(id, counted);
    this.#all = { bytesSent: pair.bytesSent, bytesReceived: pair.bytesReceived };
    const renamed = entries.map((entry): [string, object] => {
      if (entry.id === pair.id) return [id, { ...entry, ...counted, id }];
      if (entry.type === 'transport') return [entry.id, { ...entry, selectedCandidatePairId: id }];
      return [entry.id, entry];
    });
    return new Map(renamed) as unknown as RTCStatsReport;
  }
}
