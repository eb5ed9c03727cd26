/** What the other side has announced (RFC 8839 §5.1), by which an end that was seen before that is known for what it is. */
export class AnnouncedCandidates {
  readonly #relays = new Set<string>();
  readonly #publicAddresses = new Set<string>();
  /** Of hosts whose address is hidden behind a `.local` name. */
  readonly #hiddenPorts = new Set<string>();

  note(candidate: string): void {
    const [, address = '', port = '', type] = / (\S+) (\d+) typ (\w+)/.exec(candidate) ?? [];
    if (type === 'relay') this.#relays.add(`${address} ${port}`);
    else if (type === 'srflx') this.#publicAddresses.add(address);
    else if (address.endsWith('.local')) this.#hiddenPorts.add(port);
  }

  /** Statistics in which such an end is no peer-reflexive one. */
  correct(report: RTCStatsReport): RTCStatsReport {
    const corrected = new Map<string, object>();
    report.forEach((entry, id) => {
      const isSeen = entry.type === 'remote-candidate' && entry.candidateType === 'prflx';
      const type = isSeen && this.#typeOf(entry.address ?? entry.ip, String(entry.port));
      corrected.set(id, type ? { ...entry, candidateType: type } : entry);
    });
    return corrected as unknown as RTCStatsReport;
  }

  /** A router mostly gives another port, and its address is announced, too. */
  #typeOf(address: string, port: string): RTCIceCandidateType | null {
    if (this.#relays.has(`${address} ${port}`)) return 'relay';
    return this.#hiddenPorts.has(port) && !this.#publicAddresses.has(address) ? 'host' : null;
  }
}
