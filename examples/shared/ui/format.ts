/** `$0.00`; small amounts with as many places as they need, up to six. */
export function formatUsd(usd: number): string {
  const digits = usd > 0 && usd < 0.01 ? 6 : 2;
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(usd);
}

/** `3 ms`; under one, `< 1 ms`. */
export function formatLatency(latencyMs: number | null): string {
  if (latencyMs === null) return 'measuring';
  return latencyMs < 1 ? '< 1 ms' : `${Math.round(latencyMs)} ms`;
}

/** `4:05`; from an hour on `1:04:05`. */
export function formatElapsed(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const [hours = 0, ...rest] = parts;
  const shown = hours > 0 ? parts : rest;
  return shown.map((part, index) => (index === 0 ? `${part}` : `${part}`.padStart(2, '0'))).join(':');
}

export function formatTime(iso: string): string {
  return new Date(iso).toLocaleTimeString([], { hour: 'numeric', minute: '2-digit' });
}
