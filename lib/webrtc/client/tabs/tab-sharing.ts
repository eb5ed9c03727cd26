/** Reaches the other tabs of this browser profile that have this origin open, and never the sender. */
export interface TabChannel {
  /** `message` crosses by structured clone. */
  post(message: unknown): void;
  close(): void;
}

/** What sharing one device among the tabs of a browser stands on. Without the last two, the browser's own. */
export interface TabSharing {
  /** Web Locks; `null` on a page that is no secure context. */
  locks: Pick<LockManager, 'request'> | null;
  /** Messages of one tab arrive in the order in which they were posted. */
  openChannel?(name: string, receive: (message: unknown) => void): TabChannel;
  /** `hidden`: the page is closed or put away with its script stopped; `shown`: it was put away and is back. */
  onPageLifecycle?(callbacks: { hidden(): void; shown(): void }): () => void;
}

/** `null` outside of pages: Node has the same globals, but its processes share nothing through them. */
export function browserTabs(): TabSharing | null {
  if (typeof document === 'undefined' || typeof BroadcastChannel === 'undefined') return null;
  return { locks: navigator.locks ?? null };
}
