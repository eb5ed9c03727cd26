import * as s from '../../schema/index.ts';
import { struct } from '../../wire/layout.ts';

/** The sender closes this link on purpose, and this is the last it says on this channel. Answered by closing. */
export const bye = {
  code: 6,
  schema: s.object({ type: s.literal('bye') }),
  layout: struct({}),
};
