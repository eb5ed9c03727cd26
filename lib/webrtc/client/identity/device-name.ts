export interface DeviceName {
  readonly name: string;
  /** Another object of this page may take it from now on. */
  release(): void;
}

/**
 * The lowest number of `base` that no other object of this page holds: `base#1`, `base#2`. Two objects in one page are
 * two devices; the first ones of two tabs are one. `taken`: what the objects of this page hold. `before`: what this one
 * held before, and holds again where nobody else does: its messages are kept under it.
 */
export function takeDeviceName(base: string, taken: Set<string>, before = `${base}#1`): DeviceName {
  let name = before;
  for (let number = 1; taken.has(name); number += 1) name = `${base}#${number}`;
  taken.add(name);
  return { name, release: () => taken.delete(name) };
}
