export interface WebSocketBytes {
  /** Text, binary and continuation frames, headers included. */
  dataBytes: number;
  dataFrames: number;
  /** Pings, pongs and closes, headers included. */
  controlBytes: number;
  controlFrames: number;
}

const END_OF_HEAD = '\r\n\r\n';

/** Reads one direction of a TCP connection and counts what comes after the HTTP upgrade. */
export class WebSocketByteCounter {
  readonly counted: WebSocketBytes = { dataBytes: 0, dataFrames: 0, controlBytes: 0, controlFrames: 0 };
  #head: string | undefined = '';
  #frameHeader: number[] = [];
  #isControl = false;
  #payloadBytesLeft = 0;

  push(chunk: Uint8Array): void {
    let rest = this.#head === undefined ? chunk : this.#skipHead(chunk);
    while (rest.byteLength > 0) rest = this.#payloadBytesLeft > 0 ? this.#takePayload(rest) : this.#takeHeader(rest);
  }

  #skipHead(chunk: Uint8Array): Uint8Array {
    const before = this.#head?.length ?? 0;
    this.#head += Buffer.from(chunk).toString('latin1');
    const end = this.#head?.indexOf(END_OF_HEAD) ?? -1;
    if (end === -1) return chunk.subarray(chunk.byteLength);
    this.#head = undefined;
    return chunk.subarray(end + END_OF_HEAD.length - before);
  }

  #takePayload(chunk: Uint8Array): Uint8Array {
    const takenBytes = Math.min(chunk.byteLength, this.#payloadBytesLeft);
    this.#payloadBytesLeft -= takenBytes;
    this.#add(takenBytes);
    return chunk.subarray(takenBytes);
  }

  /** RFC 6455, section 5.2. */
  #takeHeader(chunk: Uint8Array): Uint8Array {
    this.#frameHeader.push(chunk[0] ?? 0);
    const header = this.#frameHeader;
    if (header.length >= headerBytes(header)) {
      this.#isControl = ((header[0] ?? 0) & 0x08) !== 0;
      this.counted[this.#isControl ? 'controlFrames' : 'dataFrames'] += 1;
      this.#add(header.length);
      this.#payloadBytesLeft = payloadBytes(header);
      this.#frameHeader = [];
    }
    return chunk.subarray(1);
  }

  #add(bytes: number): void {
    this.counted[this.#isControl ? 'controlBytes' : 'dataBytes'] += bytes;
  }
}

function headerBytes([, second]: number[]): number {
  if (second === undefined) return 2;
  return 2 + lengthBytes(second) + (second & 0x80 ? 4 : 0);
}

function lengthBytes(second: number): number {
  const length = second & 0x7f;
  if (length === 127) return 8;
  return length === 126 ? 2 : 0;
}

function payloadBytes(header: number[]): number {
  const second = header[1] ?? 0;
  const extended = header.slice(2, 2 + lengthBytes(second));
  return extended.length === 0 ? second & 0x7f : extended.reduce((length, byte) => length * 256 + byte, 0);
}

export function addBytes(a: WebSocketBytes, b: WebSocketBytes, sign = 1): WebSocketBytes {
  return {
    dataBytes: a.dataBytes + sign * b.dataBytes,
    dataFrames: a.dataFrames + sign * b.dataFrames,
    controlBytes: a.controlBytes + sign * b.controlBytes,
    controlFrames: a.controlFrames + sign * b.controlFrames,
  };
}
