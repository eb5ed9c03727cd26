import { signatureLayout } from '../../trust/device-key.ts';
import { list, sizedBytes, struct, varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { MAX_SEALED_ENTRIES } from './seal.ts';
import { seqLayout, streamLayout } from './seq.ts';

/** Entries with their writer's signatures: what one device hands on for another, and what a late one gets. */
export const sealed = message(13, {
  stream: streamLayout,
  /** Of what lies behind this and up to `upTo`, this is everything that is for the receiver. */
  after: seqLayout,
  upTo: seqLayout,
  groups: list(
    struct({
      entries: list(struct({ seq: seqLayout, ageMs: varint(), bytes: sizedBytes }), { max: MAX_SEALED_ENTRIES }),
      signature: signatureLayout,
    }),
    { max: MAX_SEALED_ENTRIES },
  ),
});
