/** Runs in a page before its own scripts: keeps what becomes of each connection that the page makes, and when it stood still. */
export function tracePage(): void {
  const trace: { atMs: number; what: string }[] = [];
  const connections: RTCPeerConnection[] = [];
  const note = (what: string) => trace.push({ atMs: performance.timeOrigin + performance.now(), what });
  let lookedAtMs = performance.now();
  setInterval(() => {
    const stillMs = performance.now() - lookedAtMs;
    lookedAtMs += stillMs;
    if (stillMs > 1_000) note(`stood still for ${Math.round(stillMs)} ms`);
  }, 100);
  class TracedConnection extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      const number = connections.push(this);
      const tell = (what: string) => note(`connection ${number} ${what}`);
      this.addEventListener('iceconnectionstatechange', () => tell(`ice ${this.iceConnectionState}`));
      this.addEventListener('connectionstatechange', () => tell(this.connectionState));
      this.addEventListener('signalingstatechange', () => tell(`signaling ${this.signalingState}`));
      this.addEventListener('icecandidate', ({ candidate }) => tell(`found ${candidate?.candidate ?? 'no more'}`));
    }
  }
  Object.assign(window, { RTCPeerConnection: TracedConnection, pageTrace: trace, connections });
}
