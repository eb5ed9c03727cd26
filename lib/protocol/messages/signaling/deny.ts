import * as v from 'valibot';
import { MAX_DENY_LIST_CHARACTERS } from '../../trust/deny-list.ts';
import { struct, text } from '../../wire/layout.ts';

/** Server → device: whom the tenant's issuer has put out. Signed by the issuer, so that the server cannot write it. */
export const deny = {
  code: 9,
  schema: v.object({
    type: v.literal('deny'),
    list: v.pipe(v.string(), v.maxLength(MAX_DENY_LIST_CHARACTERS)),
  }),
  layout: struct({ list: text }),
};
