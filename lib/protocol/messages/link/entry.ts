import { rest } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { seqLayout } from './seq.ts';

/** An application's message, in its writer's order within the lane. */
export const entry = message(2, {
  seq: seqLayout,
  /** The message, as `encodeMessage` writes it. */
  body: rest,
});
