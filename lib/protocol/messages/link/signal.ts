import { sizedBytes, varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { peerIdLayout } from '../signaling/peer-id.ts';

/** A signal crosses a property of some hundred devices. */
export const MAX_SIGNAL_HOPS = 8;

/**
 * What two devices need to hear of each other for a link, handed on from peer to peer where no server does it. Nobody in
 * between is trusted with it: the link that comes of it shows who is at its ends.
 */
export const signal = message(16, {
  /** Random: whoever has handed it on does not do so again. */
  id: varint(),
  from: peerIdLayout,
  to: peerIdLayout,
  /** How many more devices may hand it on. */
  hops: varint({ max: MAX_SIGNAL_HOPS }),
  /** An `offer`, `answer` or `candidate` as the server would hand it on. */
  frame: sizedBytes,
});
