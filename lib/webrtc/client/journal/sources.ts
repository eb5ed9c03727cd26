import type { CancelTimer, Clock } from '@innmesh/kit';
import { isShared } from '@innmesh/protocol';
import type { LinkReplication } from './link-replication.ts';
import type { Stream } from './replica.ts';

/** A source that has said nothing new for so long, while others have more, is left for one of those. */
const PATIENCE_MS = 300;

interface Source {
  link: LinkReplication;
  /** What the stream stood at when it last grew, and when that was. */
  last: number;
  sinceMs: number;
}

/**
 * Which link hands each stream on to this device: its writer's where there is one, otherwise one of those that have it.
 * One at a time, so that nothing crosses twice; which one, each device decides for itself by what its peers say they have.
 */
export class Sources {
  readonly #clock: Clock;
  readonly #links: ReadonlyMap<string, LinkReplication>;
  readonly #ownId: string;
  readonly #sources = new Map<Stream, Source>();
  /** Streams of which somebody has more. */
  readonly #behind = new Set<Stream>();
  #cancelCheck: CancelTimer | null = null;

  constructor(clock: Clock, ownId: string, links: ReadonlyMap<string, LinkReplication>) {
    this.#clock = clock;
    this.#ownId = ownId;
    this.#links = links;
  }

  /** The link says how far it has the stream. */
  heard(stream: Stream, link: LinkReplication): void {
    const isHandedOn = isShared(stream.series) && stream.origin !== this.#ownId && stream.origin !== link.peerId;
    if (!isHandedOn || !link.peerIsHouse) return;
    if (link.peerHas(stream) > stream.last) this.#expectMore(stream);
    if (!this.#sources.has(stream)) this.#choose(stream);
  }

  /** A writer hands on its own without being asked. */
  opened(link: LinkReplication, streams: Iterable<Stream>): void {
    for (const stream of streams) {
      if (stream.origin !== link.peerId) continue;
      const source = this.#sources.get(stream);
      if (source) source.link.enough(stream);
      this.#sources.delete(stream);
    }
  }

  closed(link: LinkReplication): void {
    for (const [stream, source] of this.#sources) {
      if (source.link !== link) continue;
      this.#sources.delete(stream);
      this.#choose(stream);
    }
  }

  /** The writer's link is gone. */
  writerLeft(streams: Iterable<Stream>, origin: string): void {
    for (const stream of streams) if (stream.origin === origin && !this.#sources.has(stream)) this.#choose(stream);
  }

  /** A peer relies on this device: where this one relied on it for the same, both would wait for the other. */
  wanted(stream: Stream, link: LinkReplication): void {
    const source = this.#sources.get(stream);
    if (source?.link !== link || this.#ownId > link.peerId) return;
    this.#sources.delete(stream);
    link.enough(stream);
  }

  forget(stream: Stream): void {
    this.#sources.delete(stream);
    this.#behind.delete(stream);
  }

  stop(): void {
    this.#cancelCheck?.();
  }

  #expectMore(stream: Stream): void {
    this.#behind.add(stream);
    this.#cancelCheck ??= this.#clock.setTimer(() => this.#check(), PATIENCE_MS);
  }

  /** Looks for other sources where one has fallen behind. */
  #check(): void {
    this.#cancelCheck = null;
    const nowMs = this.#clock.monotonicMs();
    for (const stream of this.#behind) {
      const source = this.#sources.get(stream);
      if (!this.#someoneHasMore(stream)) this.#behind.delete(stream);
      else if (!source) this.#choose(stream);
      else if (source.last !== stream.last) Object.assign(source, { last: stream.last, sinceMs: nowMs });
      else if (nowMs - source.sinceMs >= PATIENCE_MS) this.#choose(stream, source);
    }
    for (const stream of this.#behind) this.#expectMore(stream);
  }

  #someoneHasMore(stream: Stream): boolean {
    for (const link of this.#links.values()) if (link.peerHas(stream) > stream.last) return true;
    return false;
  }

  /** Whoever has most of it, and does not rely on this device for it. */
  #choose(stream: Stream, before?: Source): void {
    if (!isShared(stream.series) || this.#links.has(stream.origin)) return;
    let best: LinkReplication | null = null;
    for (const link of this.#links.values()) {
      if (!link.peerIsHouse || link === before?.link || link.peerHas(stream) < stream.last) continue;
      const isCircular = link.isWantedOf(stream) && link.peerHas(stream) <= stream.last;
      if (!isCircular && link.peerHas(stream) > (best?.peerHas(stream) ?? 0)) best = link;
    }
    if (!best) {
      if (before) before.sinceMs = this.#clock.monotonicMs();
      return;
    }
    before?.link.enough(stream);
    this.#sources.set(stream, { link: best, last: stream.last, sinceMs: this.#clock.monotonicMs() });
    best.want(stream);
  }
}
