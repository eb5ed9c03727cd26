import { message } from '../../wire/record-codec.ts';

/**
 * Server → device each interval, and the device's answer. A message rather than a WebSocket ping (RFC 6455 §5.5.2),
 * because a page sees no pings and must notice a dead server too.
 */
export const heartbeat = message(5, {});
