const HIGH_BYTES = 256 * 1024;
const LOW_BYTES = 128 * 1024;

/**
 * Says when the next message may be sent on a data channel. Less keeps Chromium idle between two turns; with more, a
 * burst on a channel of less than a second's age loses packets and stalls for seconds.
 */
export function drained(channel: RTCDataChannel): Promise<void> | undefined {
  if (channel.bufferedAmount < HIGH_BYTES) return undefined;
  channel.bufferedAmountLowThreshold = LOW_BYTES;
  return new Promise((resolve) => channel.addEventListener('bufferedamountlow', () => resolve(), { once: true }));
}
