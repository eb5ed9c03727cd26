/** Runs in a page before its own scripts: keeps what becomes of each connection that the page makes. */
export function traceConnections(): void {
  const trace: { atMs: number; what: string }[] = [];
  const connections: RTCPeerConnection[] = [];
  class TracedConnection extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      const number = connections.push(this);
      const note = (what: string) =>
        trace.push({ atMs: performance.timeOrigin + performance.now(), what: `connection ${number} ${what}` });
      this.addEventListener('iceconnectionstatechange', () => note(`ice ${this.iceConnectionState}`));
      this.addEventListener('connectionstatechange', () => note(this.connectionState));
      this.addEventListener('signalingstatechange', () => note(`signaling ${this.signalingState}`));
      this.addEventListener('icecandidate', ({ candidate }) => note(`found ${candidate?.candidate ?? 'no more'}`));
    }
  }
  Object.assign(window, { RTCPeerConnection: TracedConnection, connectionTrace: trace, connections });
}
