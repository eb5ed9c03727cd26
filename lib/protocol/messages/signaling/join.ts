import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { struct, text } from '../../wire/layout.ts';
import { deviceInfoLayout, deviceInfoSchema } from './device-info.ts';
import { peerIdSchema } from './roster-entry.ts';

/** Device → server, first and once: which room, and who comes. Answered by `welcome`. */
export const join = {
  code: 1,
  schema: s.object({
    type: s.literal('join'),
    tenantId: s.text({ min: 1, max: limits.tenantIdCharacters }),
    peerId: peerIdSchema,
    device: deviceInfoSchema,
  }),
  layout: struct({ tenantId: text, peerId: text, device: deviceInfoLayout }),
};
