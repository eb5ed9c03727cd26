/* The bounds that both ends check. A frame over one is refused whole, never cut. */

/** Device to server: a join or one offer is under 4 KiB; the rest is room for long candidate lists. */
export const signalingFrameBytes = 16 * 1024;
/** Server to device: a roster of 10,000 devices. */
export const rosterFrameBytes = 4 * 1024 * 1024;
/** The longest heartbeat interval: a dead socket is noticed within an hour at the worst. */
export const heartbeatMs = 30 * 60 * 1000;
export const tenantIdCharacters = 128;
export const deviceNameCharacters = 128;
export const capabilities = 64;
export const capabilityCharacters = 64;
/** Larger messages are refused by `send()`. */
export const messageBytes = 64 * 1024 * 1024;
/** One record of a data channel: a message and a few bytes around it. */
export const recordBytes = messageBytes + 1024;
/** Records of one channel that may be under way at once, each of another stream. */
export const unfinishedRecords = 8;
/** What they may come to together: the longest one, and room for shorter ones beside it. */
export const unfinishedBytes = recordBytes + 4 * 1024 * 1024;
/**
 * One frame on a data channel. Messages of one turn share a frame up to this size and longer ones are cut into
 * pieces of it: 16 KiB is what every WebRTC implementation takes (RFC 8831 §6.6).
 */
export const channelFrameBytes = 16 * 1024;
/** What one sealed frame carries of a channel frame: two of them make the longest. */
export const sealedPartBytes = channelFrameBytes / 2;
/** What a device may have under way in sealed frames that the other end of their link has not taken yet. */
export const sealedWindowBytes = 64 * 1024;
/** What a sealed frame costs a server besides its bytes, so that a flood of tiny ones is counted as what it is. */
export const sealedFrameCostBytes = 256;
/** JSON deeper than this is taken for an attack on the parser's stack. */
export const jsonDepth = 64;
