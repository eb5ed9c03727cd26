type Report = Pick<RTCStatsReport, 'get' | 'values'>;

/** Counts the bytes that crossed a relay, or the signaling server, to and from one peer, however often the way or the connection changes. */
export class RelayMeter {
  #bytes = 0;
  readonly #seen = new WeakMap<object, Map<string, number>>();

  /** Both directions, as far as statistics were read. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes what has come since this connection's last report; pairs that are gone from it stay counted. */
  read(connection: object, report: Report): void {
    const seen = this.#seen.get(connection) ?? new Map<string, number>();
    this.#seen.set(connection, seen);
    for (const [id, bytes] of relayedPairs(report)) {
      this.#bytes += Math.max(0, bytes - (seen.get(id) ?? 0));
      seen.set(id, Math.max(bytes, seen.get(id) ?? 0));
    }
  }
}

/** One for each peer, over all of its links. */
export class RelayMeters {
  readonly #meters = new Map<string, RelayMeter>();

  of(peerId: string): RelayMeter {
    const meter = this.#meters.get(peerId) ?? new RelayMeter();
    this.#meters.set(peerId, meter);
    return meter;
  }
}

function* relayedPairs(report: Report): Iterable<[id: string, bytes: number]> {
  const isRelay = (end: string) => report.get(end)?.candidateType === 'relay';
  for (const entry of report.values() as Iterable<RTCIceCandidatePairStats>) {
    const { id, type, localCandidateId, remoteCandidateId, bytesSent = 0, bytesReceived = 0 } = entry;
    const isPair = (type as string) === 'candidate-pair';
    const isPaid = isPair ? isRelay(localCandidateId) || isRelay(remoteCandidateId) : id === 'signaling-relay';
    if (isPaid) yield [id, bytesSent + bytesReceived];
  }
}
