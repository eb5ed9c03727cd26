import { limits } from '../../limits.ts';
import * as s from '../../schema/index.ts';
import { credentialTextSchema } from '../../trust/credential-text.ts';
import { publicKeyLayout, publicKeySchema, signatureLayout, signatureSchema } from '../../trust/device-key.ts';
import { struct, text } from '../../wire/layout.ts';
import { deviceInfoLayout, deviceInfoSchema } from './device-info.ts';

/** Device → server, once, in answer to its `challenge`: which room, who comes, and the proof. Answered by `welcome`. */
export const join = {
  code: 1,
  schema: s.object({
    type: s.literal('join'),
    tenantId: s.text({ min: 1, max: limits.tenantIdCharacters }),
    device: deviceInfoSchema,
    /** Empty where a server in development mode is to give one. */
    credential: credentialTextSchema,
    /** The device's key; its hash is the device's id. */
    publicKey: publicKeySchema,
    /** Over the join transcript, with that key. */
    signature: signatureSchema,
  }),
  layout: struct({
    tenantId: text,
    device: deviceInfoLayout,
    credential: text,
    publicKey: publicKeyLayout,
    signature: signatureLayout,
  }),
};
