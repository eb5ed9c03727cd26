export interface SpareConnectionDeps {
  /** The same list until it changes. */
  iceServers(): readonly RTCIceServer[];
  /** Throws where the platform makes no connection. */
  createPeerConnection(iceServers: readonly RTCIceServer[]): RTCPeerConnection;
}

/**
 * Has a connection ready for the next link. Making one keeps a browser busy for some milliseconds, for which whoever
 * has offered a link would wait.
 */
export class SpareConnection {
  readonly #deps: SpareConnectionDeps;
  #ready: { connection: RTCPeerConnection; iceServers: readonly RTCIceServer[] } | null = null;

  constructor(deps: SpareConnectionDeps) {
    this.#deps = deps;
  }

  /** One that knows the present servers. Throws where the platform makes no connection. */
  take(): RTCPeerConnection {
    const { connection } = this.#upToDate();
    this.#ready = null;
    return connection;
  }

  /** To be called when there is time. Throws like `take()`. */
  prepare(): void {
    this.#upToDate();
  }

  close(): void {
    this.#ready?.connection.close();
    this.#ready = null;
  }

  /** In Node a connection keeps the servers that it was made with; so one with older ones is not of use. */
  #upToDate(): { connection: RTCPeerConnection } {
    const iceServers = this.#deps.iceServers();
    if (this.#ready?.iceServers === iceServers) return this.#ready;
    this.close();
    this.#ready = { connection: this.#deps.createPeerConnection(iceServers), iceServers };
    return this.#ready;
  }
}
