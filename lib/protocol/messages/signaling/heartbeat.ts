import * as s from '../../schema/index.ts';
import { struct } from '../../wire/layout.ts';

/**
 * Server → device each interval, and the device's answer. A message rather than a WebSocket ping (RFC 6455 §5.5.2),
 * because a page sees no pings and must notice a dead server too.
 */
export const heartbeat = {
  code: 5,
  schema: s.object({ type: s.literal('heartbeat') }),
  layout: struct({}),
};
