import * as v from 'valibot';
import { limits } from '../../limits.ts';
import { struct, text } from '../../wire/layout.ts';
import { deviceInfoLayout, deviceInfoSchema } from './device-info.ts';
import { peerIdSchema } from './roster-entry.ts';

/** Device → server, first and once: which room, and who comes. Answered by `welcome`. */
export const join = {
  code: 1,
  schema: v.object({
    type: v.literal('join'),
    tenantId: v.pipe(v.string(), v.nonEmpty(), v.maxLength(limits.tenantIdCharacters)),
    peerId: peerIdSchema,
    device: deviceInfoSchema,
  }),
  layout: struct({ tenantId: text, peerId: text, device: deviceInfoLayout }),
};
