import type { RefusalKind } from '../refusals.ts';

/** A line for the operator, as fields. Every text in it is redacted already. */
export interface LogEntry {
  event: 'refused' | 'failed';
  /** `others` sums up what came from more addresses than are told apart; `issuer` is what failed there. */
  kind: RefusalKind | 'others' | 'issuer';
  /** The close code, or the HTTP status where there was no WebSocket yet; 0 where there was no answer. */
  code: number;
  /** Truncated to its /24 or /48. */
  address: string;
  /** What the other side was told. */
  reason: string;
  /** On a line that sums up: how often the same happened since the last one. */
  repeated?: number;
}

/** `event=refused kind=origin code=403 address=203.0.113.0/24 reason="…"`, in the order of the fields. */
export function formatEntry(entry: LogEntry): string {
  return Object.entries(entry)
    .map(([name, value]) => `${name}=${formatValue(value)}`)
    .join(' ');
}

function formatValue(value: string | number): string {
  const text = String(value);
  return /^[\w./:-]+$/.test(text) ? text : JSON.stringify(text);
}
