import { allSeries, house, isShared, type LinkMessage, type Party } from '@innmesh/protocol';
import type { Replica, Stream } from './replica.ts';
import { journalBytes } from './stream.ts';

export type Hello = Extract<LinkMessage, { type: 'hello' }>;
type Peer = Pick<Party, 'peerId' | 'role'>;

const isHouse = ({ role }: Peer) => house.includes(role);

/** Together within `MAX_HELLO_BYTES`, however large their numbers are: 57 bytes each, and 89 of the other side's own. */
export const MAX_TOLD = 10_000;

interface Known {
  readonly origin: string;
  readonly journal: string;
  readonly cursors: number[];
  /** When the last of its entries is past its time. */
  untilMs: number;
}

/**
 * What a link begins with: how far this device has each journal, of what it hands on as far as it can. Only what saves the
 * other side something is said: of its own journals, so that it sends nothing again; of others', what it may ask for and is
 * not past its time yet. Between a replica and a device that is none, nobody asks for what others wrote: of those, the
 * replica says nothing. What has no room is what is past its time first; the other side hears of it with the next entry.
 */
export function helloTo(to: Peer, self: Peer, replica: Replica, nowMs: number): Hello {
  const journals = new Map<string, Known>();
  for (const stream of replica.streams) {
    const cursor = cursorOf(stream, to, self, nowMs);
    if (cursor > 0) note(journals, stream, cursor);
  }
  const byNeed = [...journals.values()].sort((one, other) => needOf(other, to) - needOf(one, to));
  return { type: 'hello', journals: byNeed.slice(0, MAX_TOLD).map(asSaid) };
}

/** 0 where it says nothing. */
function cursorOf(stream: Stream, to: Peer, self: Peer, nowMs: number): number {
  const { origin, series, sealed, kept } = stream;
  const isReplica = isHouse(self);
  const isHandedOn = isReplica && isShared(series) && origin !== self.peerId;
  const cursor = isHandedOn ? Math.min(sealed, kept) : kept;
  if (origin === to.peerId) return cursor;
  if (!isShared(series) || (isReplica && !isHouse(to))) return 0;
  // What it hands on to this device without being asked, it had better not send again.
  const isUnasked = !isReplica;
  return isUnasked || stream.untilMs > nowMs ? cursor : 0;
}

function note(journals: Map<string, Known>, stream: Stream, cursor: number): void {
  const { origin, journal, series, untilMs } = stream;
  const name = `${origin} ${journal}`;
  const known = journals.get(name) ?? { origin, journal, cursors: allSeries.map(() => 0), untilMs: 0 };
  journals.set(name, known);
  known.cursors[series] = cursor;
  known.untilMs = Math.max(known.untilMs, untilMs);
}

const needOf = ({ origin, untilMs }: Known, to: Peer): number =>
  origin === to.peerId ? Number.MAX_SAFE_INTEGER : untilMs;

/** Up to the last that is not 0. */
function asSaid({ origin, journal, cursors }: Known): Hello['journals'][number] {
  const count = cursors.findLastIndex((cursor) => cursor > 0) + 1;
  return { origin, journal: journalBytes(journal), cursors: cursors.slice(0, count) };
}
