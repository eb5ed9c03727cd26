/** `1 device`, `3 devices`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

const MAX_LISTED = 4;

/** `A, B and C`; of many the first few. */
export function list(items: readonly string[]): string {
  const shown = items.length > MAX_LISTED ? [...items.slice(0, MAX_LISTED - 1), `${items.length - 3} more`] : items;
  return shown.length < 2 ? shown.join() : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

/** As a sentence: with one full stop. */
export const sentence = (text: string): string => `${text.trim().replace(/[.\s]+$/, '')}.`;

/** An address to open or to let through a firewall, of `stun:host:3478` and the like. */
export const hostOf = (url: string): string => url.replace(/^\w+:(\/\/)?/, '').replace(/[/?].*$/, '');
