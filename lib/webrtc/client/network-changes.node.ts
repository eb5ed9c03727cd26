import { networkInterfaces } from 'node:os';

export { answersAt } from './requests.ts';

/** Whether a signaling server may be asked for whether it answers. */
export const mayAsk = (_url: string): boolean => true;

/** Nobody sees a program. */
export const isHidden = (): boolean => false;

/** No event tells of it. A look takes a tenth of a millisecond. */
const LOOK_INTERVAL_MS = 250;

/** Calls back when this machine has other addresses than before. Returns how to stop that. */
export function onNetworkChange(callback: () => void): () => void {
  let known = addresses();
  const timer = setInterval(() => {
    const now = addresses();
    if (now === known) return;
    known = now;
    callback();
  }, LOOK_INTERVAL_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function addresses(): string {
  const all = Object.entries(networkInterfaces()).flatMap(([name, list = []]) =>
    list.map(({ address }) => `${name} ${address}`),
  );
  return all.sort().join('\n');
}
