import { fromBase64url, type Series, toBase64url } from '@innmesh/protocol';

type Bytes = Uint8Array<ArrayBuffer>;

/** One series of one journal: what has numbers, an order, and cursors. */
export interface StreamId {
  /** The device that writes it. */
  readonly origin: string;
  /** In base64url; a device that lost its memory begins another. */
  readonly journal: string;
  readonly series: Series;
}

/** Also the name under which its entries are kept. */
export const keyOf = ({ origin, journal, series }: StreamId): string => `${origin} ${journal} ${series}`;

/** `null` for the name of something else. */
export function streamOf(key: string): StreamId | null {
  const [origin = '', journal = '', series = '', ...rest] = key.split(' ');
  if (series === '' || rest.length > 0) return null;
  return { origin, journal, series: Number(series) as Series };
}

/** The same at its writer and wherever it gets. */
export const entryIdOf = ({ journal, series }: StreamId, seq: number): string => `${journal}-${series}-${seq}`;

export const journalBytes = (journal: string): Bytes => fromBase64url(journal);
export const journalName = (bytes: Uint8Array): string => toBase64url(bytes);
