export interface Env {
  /** WebSocket address of the contestant's signaling server, through the counting proxy. */
  signalingUrl: string;
  /** A new one for each introduction. */
  room: string;
  /** Default: none. */
  iceServers?: RTCIceServer[];
}

/** One end of an open connection between two devices. */
export interface Link {
  /** Nothing: the next message may be sent at once. A promise: when it may. */
  send(payload: Uint8Array<ArrayBuffer>): Promise<unknown> | undefined;
  onMessage(handler: (payload: Uint8Array) => void): void;
}

/** What a library under test does in a page. */
export interface Contestant {
  /** The device that is there already. Resolves when others can reach it. */
  wait(env: Env, onLink: (link: Link) => void): Promise<void>;
  /** The newcomer. Resolves as soon as it can send. */
  join(env: Env): Promise<Link>;
}
