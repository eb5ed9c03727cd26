export { answersAt } from './requests.ts';

type Connection = Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;

/**
 * Calls back when this device may have a network again, or another one: the page is online, visible or woken up.
 * Returns how to stop that.
 */
export function onNetworkChange(callback: () => void): () => void {
  const onShow = ({ persisted }: PageTransitionEvent) => {
    if (persisted) callback();
  };
  const onVisible = () => {
    if (document.visibilityState === 'visible') callback();
  };
  // Chromium alone tells of another access point.
  const { connection } = navigator as Navigator & { connection?: Connection };
  window.addEventListener('online', callback);
  window.addEventListener('pageshow', onShow);
  document.addEventListener('visibilitychange', onVisible);
  document.addEventListener('resume', callback);
  connection?.addEventListener('change', callback);
  return () => {
    window.removeEventListener('online', callback);
    window.removeEventListener('pageshow', onShow);
    document.removeEventListener('visibilitychange', onVisible);
    document.removeEventListener('resume', callback);
    connection?.removeEventListener('change', callback);
  };
}

/** Nobody sees the page. */
export const isHidden = (): boolean => document.visibilityState === 'hidden';

/**
 * Whether a signaling server may be asked for whether it answers: at the page's own host. For another one in the local
 * network a browser would ask the person for leave.
 */
export const mayAsk = (url: string): boolean => new URL(url).hostname === location.hostname;
