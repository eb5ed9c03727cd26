import { message } from '../../wire/record-codec.ts';

/** The sender closes this link on purpose, and this is the last it says on this channel. Answered by closing. */
export const bye = message(6, {});
