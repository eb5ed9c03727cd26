const KEY = 'innmesh-property';

/** The property that let this browser in last, for an address that names none; `''` where none did. */
export function recallProperty(): string {
  try {
    return localStorage.getItem(KEY) ?? '';
  } catch {
    // A browser that keeps nothing: a person says which.
    return '';
  }
}

export function rememberProperty(tenant: string): void {
  try {
    localStorage.setItem(KEY, tenant);
  } catch {
    // As above.
  }
}
