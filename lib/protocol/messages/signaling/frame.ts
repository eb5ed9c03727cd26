import { rest } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { attemptLayout } from './attempt.ts';
import { slotLayout } from './roster-entry.ts';

/**
 * Device → device through the server, in place of a connection between the two: what a relayed link carries, sealed for
 * the other end (SPEC.md, F2).
 */
export const frame = message(19, {
  peer: slotLayout,
  attempt: attemptLayout,
  bytes: rest,
});
