import type { TabChannel } from './tab-sharing.ts';

/* What a page loads when it first has something to share. */

export function openChannel(name: string, receive: (message: unknown) => void): TabChannel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => receive(data);
  return { post: (message) => channel.postMessage(message), close: () => channel.close() };
}

export function onPageLifecycle({ hidden, shown }: { hidden(): void; shown(): void }): () => void {
  const onShow = (event: PageTransitionEvent) => {
    if (event.persisted) shown();
  };
  addEventListener('pagehide', hidden);
  addEventListener('pageshow', onShow);
  return () => {
    removeEventListener('pagehide', hidden);
    removeEventListener('pageshow', onShow);
  };
}
