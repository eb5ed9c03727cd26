import * as s from '../../schema/index.ts';
import { MAX_DENY_LIST_CHARACTERS } from '../../trust/deny-list.ts';
import { struct, text } from '../../wire/layout.ts';

/** Server → device: whom the tenant's issuer has put out. Signed by the issuer, so that the server cannot write it. */
export const deny = {
  code: 9,
  schema: s.object({
    type: s.literal('deny'),
    list: s.text({ max: MAX_DENY_LIST_CHARACTERS }),
  }),
  layout: struct({ list: text }),
};
