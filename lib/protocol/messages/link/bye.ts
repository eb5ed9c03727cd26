import * as v from 'valibot';
import { struct } from '../../wire/layout.ts';

/** The sender closes this link on purpose, and this is the last it says on this channel. Answered by closing. */
export const bye = {
  code: 6,
  schema: v.object({ type: v.literal('bye') }),
  layout: struct({}),
};
