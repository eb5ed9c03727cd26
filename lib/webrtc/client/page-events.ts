/** Calls back when the page is about to go for good. Node has no such event. Returns how to stop that. */
export function onPageGone(callback: () => void): () => void {
  return listen(globalThis.window, 'pagehide', (event) => {
    if (!(event as PageTransitionEvent).persisted) callback();
  });
}

/**
 * Calls back when the browser is about to stop the page and may let it go on later, as phones do with pages in the
 * background and browsers with those one can go back to; and when it goes on. Returns how to stop that.
 */
export function onPageSleep(asleep: () => void, awake: () => void): () => void {
  const isKept = (callback: () => void) => (event: Event) => {
    if ((event as PageTransitionEvent).persisted) callback();
  };
  const stops = [
    listen(globalThis.document, 'freeze', asleep),
    listen(globalThis.document, 'resume', awake),
    listen(globalThis.window, 'pagehide', isKept(asleep)),
    listen(globalThis.window, 'pageshow', isKept(awake)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function listen(target: EventTarget | undefined, event: string, callback: (event: Event) => void): () => void {
  target?.addEventListener(event, callback);
  return () => target?.removeEventListener(event, callback);
}
