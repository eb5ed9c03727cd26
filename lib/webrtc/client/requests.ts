/** An issuer that does not answer within this time is taken for away. */
const FETCH_TIMEOUT_MS = 5_000;

export async function fetchJson(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS), redirect: 'error' });
  if (!response.ok) throw new TypeError(`it answers ${response.status}`);
  return response.json();
}

/** Whether anything answers at the host of a signaling server, whatever it says. */
export async function answersAt(url: string, timeoutMs: number): Promise<boolean> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    // The page may not read what another origin says; that it says something is all there is to know.
    await fetch(new URL('/healthz', url.replace(/^ws/, 'http')), {
      method: 'HEAD',
      mode: 'no-cors',
      cache: 'no-store',
      signal,
    });
    return true;
  } catch {
    return false;
  }
}
