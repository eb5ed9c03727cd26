import type { JournalStore } from '../journal/store/journal-store.ts';
import type { OpenIdentity } from './device-identity.ts';

/** What a device keeps on this machine, whatever it keeps it in. */
export interface Device {
  /**
   * The identity of this name, made when it is first asked for. `isShared`: whoever else has it open loses its place to
   * this one; otherwise another process gets another identity.
   */
  openIdentity(name: string, isShared: boolean): Promise<OpenIdentity>;
  /** Where the journals of one of its identities are kept. */
  journalStore(name: string): JournalStore;
  /** For later runs without a network; `undefined` for what was never kept. */
  recall(key: string): Promise<string | undefined>;
  /** As far as this machine lets it. */
  remember(key: string, text: string): Promise<void>;
}
