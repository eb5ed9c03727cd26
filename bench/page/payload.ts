export const kinds = { ping: 1, pong: 2, item: 3, end: 4, received: 5 } as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

export interface Parsed {
  kind: number;
  value: number;
  /** The number at its end is the one at its beginning: nothing was cut off or mixed with another. */
  isWhole: boolean;
}

export const smallestBytes = 12;

const noises = new Map<number, Uint8Array<ArrayBuffer>>();

/** Noise, so that nobody gains by compressing. */
function noiseOf(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const noise = noises.get(sizeBytes) ?? createNoise(sizeBytes);
  noises.set(sizeBytes, noise);
  return noise;
}

function createNoise(sizeBytes: number): Uint8Array<ArrayBuffer> {
  const noise = new Uint8Array(sizeBytes);
  for (let i = 0, state = 1; i < sizeBytes; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[i] = state >>> 24;
  }
  return noise;
}

/** A new message: the kind, a number, noise, the number again. */
export function createPayload(kind: Kind, value: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const payload = noiseOf(sizeBytes).slice();
  const view = new DataView(payload.buffer);
  view.setUint8(0, kind);
  view.setUint32(1, value);
  view.setUint32(payload.byteLength - 4, value);
  return payload;
}

export function parsePayload(payload: Uint8Array): Parsed {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const value = view.getUint32(1);
  return { kind: view.getUint8(0), value, isWhole: view.getUint32(payload.byteLength - 4) === value };
}
