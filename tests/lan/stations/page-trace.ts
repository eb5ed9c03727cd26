/** A page's connections, as its browser has them. */
export interface ConnectionCount {
  made: number;
  /** Not closed. */
  open: number;
  /** Those too that are closed and not collected: they count towards Chromium's limit of 500. */
  uncollected: number;
  /** The open ones that both sides have agreed on, once or more. */
  negotiated: { number: number; times: number; isConnected: boolean }[];
}

/** What `tracePage` leaves in a page. */
export interface TracedPage {
  pageTrace: { atMs: number; what: string }[];
  /** Those that the browser has not collected. */
  connections(): RTCPeerConnection[];
  countConnections(): ConnectionCount;
}

/**
 * Runs in a page before its own scripts: keeps what becomes of each connection that the page makes, and when it stood still.
 * It keeps no connection from being collected.
 */
export function tracePage(): void {
  const trace: TracedPage['pageTrace'] = [];
  const made: WeakRef<TracedConnection>[] = [];
  const note = (what: string) => trace.push({ atMs: performance.timeOrigin + performance.now(), what });
  let lookedAtMs = performance.now();
  setInterval(() => {
    const stillMs = performance.now() - lookedAtMs;
    lookedAtMs += stillMs;
    if (stillMs > 1_000) note(`stood still for ${Math.round(stillMs)} ms`);
  }, 100);
  class TracedConnection extends RTCPeerConnection {
    readonly number: number;
    negotiated = 0;

    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.number = made.push(new WeakRef(this));
      const tell = (what: string) => note(`connection ${this.number} ${what}`);
      this.addEventListener('iceconnectionstatechange', () => tell(`ice ${this.iceConnectionState}`));
      this.addEventListener('connectionstatechange', () => tell(this.connectionState));
      this.addEventListener('signalingstatechange', () => {
        if (this.signalingState === 'stable') this.negotiated += 1;
        tell(`signaling ${this.signalingState}`);
      });
      this.addEventListener('icecandidate', ({ candidate }) => tell(`found ${candidate?.candidate ?? 'no more'}`));
    }
  }
  const uncollected = () => made.flatMap((each) => each.deref() ?? []);
  const traced: TracedPage = {
    pageTrace: trace,
    connections: uncollected,
    countConnections() {
      const all = uncollected();
      const open = all.filter(({ signalingState }) => signalingState !== 'closed');
      const negotiated = open.filter(({ negotiated }) => negotiated > 0);
      return {
        made: made.length,
        open: open.length,
        uncollected: all.length,
        negotiated: negotiated.map(({ number, negotiated: times, connectionState }) => {
          return { number, times, isConnected: connectionState === 'connected' };
        }),
      };
    },
  };
  Object.assign(window, { RTCPeerConnection: TracedConnection, ...traced });
}
