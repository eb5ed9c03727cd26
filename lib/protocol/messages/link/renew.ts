import * as v from 'valibot';
import { credentialTextSchema } from '../../trust/credential-text.ts';
import { struct, text } from '../../wire/layout.ts';

/** A newer credential for the same device in the same role, so that the link may stay. */
export const renew = {
  code: 8,
  schema: v.object({ type: v.literal('renew'), credential: credentialTextSchema }),
  layout: struct({ credential: text }),
};
