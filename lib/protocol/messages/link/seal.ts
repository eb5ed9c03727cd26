import { signatureLayout } from '../../trust/device-key.ts';
import { list, struct } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { seqLayout, streamLayout } from './seq.ts';

/** More entries than one signature ever covers. */
export const MAX_SEALED_ENTRIES = 1_024;

/**
 * The writer's signatures for entries that the receiver has, so that it can hand them on. Those of one group are for the
 * same eyes: whoever gets one of them gets all.
 */
export const seal = message(12, {
  stream: streamLayout,
  /** Where the seal before this one ended. Together, the groups hold every entry from there on, up to `upTo`. */
  after: seqLayout,
  upTo: seqLayout,
  groups: list(
    struct({
      seqs: list(seqLayout, { max: MAX_SEALED_ENTRIES }),
      /** Over the seal transcript. */
      signature: signatureLayout,
    }),
    { max: MAX_SEALED_ENTRIES },
  ),
});
