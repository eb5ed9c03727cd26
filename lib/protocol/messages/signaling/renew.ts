import * as s from '../../schema/index.ts';
import { credentialTextSchema } from '../../trust/credential-text.ts';
import { struct, text } from '../../wire/layout.ts';

/** Device → server: a newer credential for the same device in the same role, so that the socket may stay. */
export const renew = {
  code: 8,
  schema: s.object({ type: s.literal('renew'), credential: credentialTextSchema }),
  layout: struct({ credential: text }),
};
