/**
 * Raised with every change of what crosses the wire. `version.test.ts` keeps a hash of all schemas and layouts beside
 * the version it belongs to, and fails when one moves without the other.
 */
export const PROTOCOL_VERSION = 4;

/** The WebSocket subprotocol (RFC 6455 §1.9) that both ends of a signaling connection name. */
export const SIGNALING_SUBPROTOCOL = `innmesh.${PROTOCOL_VERSION}`;
