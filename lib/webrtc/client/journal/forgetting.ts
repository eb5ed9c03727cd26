import type { Clock } from '@innmesh/kit';
import { isKept } from '@innmesh/protocol';
import type { HandOver } from './hand-over.ts';
import type { Intake } from './intake.ts';
import type { LinkReplication } from './link-replication.ts';
import type { Origins } from './origins.ts';
import type { Replica, Stream } from './replica.ts';
import type { Sources } from './sources.ts';
import type { StreamId } from './stream.ts';

export interface ForgettingDeps {
  clock: Clock;
  replica: Replica;
  origins: Origins;
  handOver: Pick<HandOver, 'isOpen'>;
  intake: Pick<Intake, 'isBusyWith'>;
  sources: Pick<Sources, 'forget'>;
  /** By the peer's id. */
  links: ReadonlyMap<string, LinkReplication>;
  /** Whether this device may write more of it. */
  isWritten(stream: Stream): boolean;
  failed(error: unknown): void;
}

const MINUTE_MS = 60 * 1000;
/**
 * How far a stream was handed over is known for so long after its last entry is past its time: clocks are set right meanwhile.
 * One that was further behind would have linked to nobody, as a credential lives a day.
 */
const AFTERWARDS_MS = 24 * 60 * MINUTE_MS;

/**
 * How far a stream was handed over has to be known as long as somebody may hand on an entry of it: then it would be handed
 * over twice. When all of them are past their time everywhere, the stream is forgotten, on the disk too. Each phone that ever
 * ordered would otherwise be told of in each hello, for ever.
 */
export class Forgetting {
  readonly #deps: ForgettingDeps;

  constructor(deps: ForgettingDeps) {
    this.#deps = deps;
  }

  /** To be called now and then, when what is past its time has been dropped. */
  run(): void {
    const { replica, origins, links, failed } = this.#deps;
    this.#forget([...replica.streams].filter((stream) => this.#isOver(stream)));
    const isGone = (peerId: string) => !links.has(peerId) && replica.streamsOf(peerId).size === 0;
    origins.forget(isGone).catch(failed);
  }

  /** Of a device's earlier passing journals nothing more comes, as its page or process has ended. */
  passingBegun({ origin, journal }: StreamId): void {
    const all = [...this.#deps.replica.streamsOf(origin)];
    this.#forget(all.filter((stream) => !isKept(stream.series) && stream.journal !== journal));
  }

  #forget(streams: readonly Stream[]): void {
    const { replica, sources, links, failed } = this.#deps;
    for (const stream of streams) {
      sources.forget(stream);
      for (const link of links.values()) link.forget(stream);
    }
    replica.forget(streams).catch(failed);
  }

  #isOver(stream: Stream): boolean {
    const { clock, replica, links, handOver, intake, isWritten } = this.#deps;
    const { series, last, untilMs, origin } = stream;
    // What passes is in its writer's memory alone.
    const afterwardsMs = isKept(series) && last > 0 ? AFTERWARDS_MS : MINUTE_MS;
    if (untilMs + afterwardsMs > clock.nowMs() || links.has(origin) || isWritten(stream)) return false;
    return replica.isEmpty(stream) && !handOver.isOpen(stream) && !intake.isBusyWith(stream);
  }
}
