/**
 * Has a connection ready for the next link. Making one keeps a browser busy for some milliseconds, for which whoever
 * has offered a link would wait.
 */
export class SpareConnection {
  readonly #create: () => RTCPeerConnection;
  #ready: RTCPeerConnection | null = null;

  constructor(create: () => RTCPeerConnection) {
    this.#create = create;
  }

  /** Throws where the platform makes no connection. */
  take(): RTCPeerConnection {
    const connection = this.#ready ?? this.#create();
    this.#ready = null;
    return connection;
  }

  /** To be called when there is time. Throws like `take()`. */
  prepare(): void {
    this.#ready ??= this.#create();
  }

  close(): void {
    this.#ready?.close();
    this.#ready = null;
  }
}
