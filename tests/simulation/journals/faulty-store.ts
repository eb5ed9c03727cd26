import type { Clock } from '@innmesh/kit';
import { StorageFullError } from '../../../lib/webrtc/client/journal/store/errors.ts';
import type { Changes, JournalStore, Kept } from '../../../lib/webrtc/client/journal/store/journal-store.ts';
import { type MemoryDisk, MemoryStore } from '../../../lib/webrtc/client/journal/store/memory-store.ts';

export interface FaultyStoreDeps {
  clock: Clock;
  disk: MemoryDisk;
  /** How long a commit takes, in milliseconds. */
  commitMs(): number;
  isFull(): boolean;
  /** Right before, and right after, the changes are on the disk: a crash may come there. */
  step(): void;
}

/** A disk that takes its time, is full at times, and keeps nothing of a commit that a crash interrupts. */
export class FaultyStore implements JournalStore {
  readonly #deps: FaultyStoreDeps;
  readonly #store: MemoryStore;
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
    const { clock, commitMs, isFull, step } = this.#deps;
    await new Promise<void>((resolve) => clock.setTimer(resolve, commitMs()));
    step();
    if (this.#isDead) return never();
    if (isFull() && (changes.put ?? []).length > 0) throw new StorageFullError();
    await this.#store.commit(changes);
    step();
    if (this.#isDead) return never();
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
