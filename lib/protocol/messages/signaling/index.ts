import type { MessageOf } from '../../wire/record-codec.ts';
import { answer } from './answer.ts';
import { candidate } from './candidate.ts';
import { challenge } from './challenge.ts';
import { deny } from './deny.ts';
import { frame } from './frame.ts';
import { heartbeat } from './heartbeat.ts';
import { join } from './join.ts';
import { joined } from './joined.ts';
import { left } from './left.ts';
import { offer } from './offer.ts';
import { pause } from './pause.ts';
import { renew } from './renew.ts';
import { turn } from './turn.ts';
import { undelivered } from './undelivered.ts';
import { unreachable } from './unreachable.ts';
import { welcome } from './welcome.ts';

/** What a device sends to the server itself. */
export const deviceMessages = { join, renew, heartbeat };
/** What the server sends of its own. */
export const serverMessages = {
  challenge,
  turn,
  welcome,
  deny,
  joined,
  left,
  heartbeat,
  unreachable,
  undelivered,
  pause,
};
/** What the server hands on from one device to another without looking inside. */
export const relayMessages = { offer, answer, candidate, frame };

export type RelayMessage = MessageOf<typeof relayMessages>;
export type DeviceMessage = MessageOf<typeof deviceMessages>;
export type ServerMessage = MessageOf<typeof serverMessages>;
export type SignalingMessage = DeviceMessage | ServerMessage | RelayMessage;
