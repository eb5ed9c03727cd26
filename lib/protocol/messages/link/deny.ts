import * as s from '../../schema/index.ts';
import { MAX_DENY_LIST_CHARACTERS } from '../../trust/deny-list.ts';
import { struct, text } from '../../wire/layout.ts';

/** Whom the tenant's issuer has put out, handed from peer to peer: it gets where no server does. */
export const deny = {
  code: 9,
  schema: s.object({
    type: s.literal('deny'),
    list: s.text({ max: MAX_DENY_LIST_CHARACTERS }),
  }),
  layout: struct({ list: text }),
};
