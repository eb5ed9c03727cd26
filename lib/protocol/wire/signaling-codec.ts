import { MalformedFrameError } from '../errors.ts';
import { MAX_ATTEMPT } from '../messages/signaling/attempt.ts';
import {
  type DeviceMessage,
  deviceMessages,
  type RelayMessage,
  relayMessages,
  type ServerMessage,
  type SignalingMessage,
  serverMessages,
} from '../messages/signaling/index.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { decoderOf, encoderOf } from './record-codec.ts';

/*
 * A signaling frame is one message. The frames between devices begin with the slot of the other side, so that the
 * server can hand them on without decoding the rest.
 */

export const encodeSignaling = encoderOf<SignalingMessage>({ ...deviceMessages, ...serverMessages, ...relayMessages });

/** What a device sent to the server itself. Throws `MalformedFrameError`. Marked as pure, so that pages leave it out. */
export const decodeForServer = /* @__PURE__ */ decoderOf<DeviceMessage>(deviceMessages);

/** What a device got from the server. Throws `MalformedFrameError`. */
export const decodeForDevice = decoderOf<ServerMessage | RelayMessage>({ ...serverMessages, ...relayMessages });

const relayCodes = new Set<number | undefined>(Object.values(relayMessages).map(({ code }) => code));

/** Whether the frame is for another device rather than for the server. */
export function isRelayFrame(frame: Uint8Array<ArrayBuffer>): boolean {
  return relayCodes.has(frame[0]);
}

/** Whether the frame is sealed, and thus on another account than those by which a link is made. */
export function isSealedFrame(frame: Uint8Array<ArrayBuffer>): boolean {
  return frame[0] === relayMessages.frame.code;
}

/**
 * A relay frame as its receiver gets it: the slot it is for, and a function that makes the frame with the sender's slot
 * in that place. Throws `MalformedFrameError`.
 */
export function openRelayFrame(frame: Uint8Array<ArrayBuffer>) {
  const reader = new ByteReader(frame);
  const code = reader.byte();
  const targetSlot = reader.varint();
  const rest = reader.rest();
  return {
    targetSlot,
    /** Which attempt at a link it belongs to. Throws `MalformedFrameError`. */
    attempt(): number {
      const attempt = new ByteReader(rest).varint();
      if (attempt <= MAX_ATTEMPT) return attempt;
      throw new MalformedFrameError(`An attempt has a number up to ${MAX_ATTEMPT}, not ${attempt}.`);
    },
    readdress(senderSlot: number): Uint8Array<ArrayBuffer> {
      const writer = new ByteWriter(frame.length + 8);
      writer.byte(code);
      writer.varint(senderSlot);
      writer.bytes(rest);
      return writer.finish();
    },
  };
}
