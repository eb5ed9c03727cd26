import type { Clock } from '@innmesh/kit';
import { StorageFullError } from '../../../lib/webrtc/client/journal/store/errors.ts';
import type { Changes, JournalStore, Kept } from '../../../lib/webrtc/client/journal/store/journal-store.ts';
import { type MemoryDisk, MemoryStore } from '../../../lib/webrtc/client/journal/store/memory-store.ts';

/** What a disk that is full still takes: marks, which are small, or nothing. */
export type Room = 'plenty' | 'for marks' | 'none';

/** A mark that there was no room for, though nothing else was to be kept. */
export interface RefusedMark {
  text: string;
  atMs: number;
}

export interface FaultyStoreDeps {
  clock: Clock;
  disk: MemoryDisk;
  /** How long a commit takes, in milliseconds. */
  commitMs(): number;
  room(): Room;
  /** Right before, and right after, the changes are on the disk: a crash may come there. */
  step(): void;
}

/** A disk that takes its time, is full at times, and keeps nothing of a commit that a crash interrupts. */
export class FaultyStore implements JournalStore {
  readonly #deps: FaultyStoreDeps;
  readonly #store: MemoryStore;
  /** By name, those that have not been kept since. */
  readonly refused = new Map<string, RefusedMark>();
  #isDead = false;
  #queue: Promise<void> = Promise.resolve();

  constructor(deps: FaultyStoreDeps) {
    this.#deps = deps;
    this.#store = new MemoryStore(deps.disk);
  }

  open(): Promise<Kept> {
    return this.#store.open();
  }

  commit(changes: Changes): Promise<void> {
    const done = this.#queue.then(() => this.#commit(changes));
    this.#queue = done.catch(() => {});
    return done;
  }

  async #commit(changes: Changes): Promise<void> {
    const { clock, commitMs, step } = this.#deps;
    await new Promise<void>((resolve) => clock.setTimer(resolve, commitMs()));
    step();
    if (this.#isDead) return never();
    this.#expectRoom(changes);
    await this.#store.commit(changes);
    for (const [name] of changes.marks ?? []) this.refused.delete(name);
    step();
    if (this.#isDead) return never();
  }

  #expectRoom({ put = [], marks = [] }: Changes): void {
    const room = this.#deps.room();
    const texts = [...marks].flatMap(([name, text]) => (text === null ? [] : [[name, text] as const]));
    if (room === 'plenty' || (put.length === 0 && (room === 'for marks' || texts.length === 0))) return;
    if (put.length === 0)
      for (const [name, text] of texts) this.refused.set(name, { text, atMs: this.#deps.clock.nowMs() });
    throw new StorageFullError();
  }

  read(key: Parameters<JournalStore['read']>[0]): ReturnType<JournalStore['read']> {
    return this.#isDead ? never() : this.#store.read(key);
  }

  close(): Promise<void> {
    return this.#queue.then(() => this.#store.close());
  }

  /** Nobody hears of what was under way. */
  crash(): void {
    this.#isDead = true;
  }
}

const never = () => new Promise<never>(() => {});
