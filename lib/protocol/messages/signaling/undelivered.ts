import * as s from '../../schema/index.ts';
import { text } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { attemptLayout } from './attempt.ts';
import { slotLayout } from './roster-entry.ts';

/**
 * `off`: this server hands no sealed frames on. `rate`: the sender goes on though it was told to pause. `slow-receiver`:
 * the other device does not read what waits for it.
 */
export const undeliveredReasons = ['off', 'rate', 'slow-receiver'] as const;
export type UndeliveredReason = (typeof undeliveredReasons)[number];

/** Server → device: a sealed frame was dropped, so that the link of this attempt is over. */
export const undelivered = message(20, {
  peer: slotLayout,
  attempt: attemptLayout,
  reason: text(s.picklist(undeliveredReasons)),
});
