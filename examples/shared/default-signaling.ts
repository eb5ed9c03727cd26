/** The server that served the page, by WebSocket; outside a page, this machine's. */
export function defaultSignalingServers(): string[] {
  const origin = typeof location === 'undefined' ? '' : location.origin;
  return [origin.startsWith('http') ? origin.replace(/^http/, 'ws') : 'ws://localhost:8080'];
}
