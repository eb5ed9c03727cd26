export interface DeviceName {
  readonly name: string;
  /** Another object of this page may take it from now on. */
  release(): void;
}

/**
 * The lowest number of `base` that no other object of this page holds: `base#1`, `base#2`. Two objects in one page are
 * two devices; the first ones of two tabs are one. `taken`: what the objects of this page hold.
 */
export function takeDeviceName(base: string, taken: Set<string>): DeviceName {
  let number = 1;
  while (taken.has(`${base}#${number}`)) number += 1;
  const name = `${base}#${number}`;
  taken.add(name);
  return { name, release: () => taken.delete(name) };
}
