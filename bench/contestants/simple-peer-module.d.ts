// The package has no types of its own; these are the parts the benchmark uses.
declare module 'simple-peer/simplepeer.min.js' {
  interface Events {
    signal: [signal: object];
    connect: [];
    data: [chunk: Uint8Array];
  }

  export default class SimplePeer {
    constructor(options: { initiator: boolean; trickle: boolean; config: RTCConfiguration });
    /** The channel's `bufferedAmount`. */
    readonly bufferSize: number;
    signal(signal: object): void;
    send(payload: Uint8Array): void;
    write(payload: Uint8Array, written: () => void): boolean;
    on<Name extends keyof Events>(name: Name, handler: (...event: Events[Name]) => void): this;
  }
}
