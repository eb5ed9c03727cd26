import { type LinkMessage, linkMessages } from '../messages/link/index.ts';
import { decoderOf, encoderOf } from './record-codec.ts';

/** One record of a data channel's frame; see `channel-frame.ts` for how records share frames. */
export const encodeLinkMessage = encoderOf<LinkMessage>(linkMessages);

/** Throws `MalformedFrameError`. */
export const decodeLinkMessage = decoderOf<LinkMessage>(linkMessages);
