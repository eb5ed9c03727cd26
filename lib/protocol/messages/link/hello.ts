import { fixedBytes, list, struct } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { peerIdLayout } from '../signaling/peer-id.ts';
import { seqLayout } from './seq.ts';

/** A journal's id: random, new with each journal. */
export const JOURNAL_ID_BYTES = 8;
export const journalIdLayout = fixedBytes(JOURNAL_ID_BYTES);

/** More series than any version has. */
const MAX_SERIES = 16;
/** Of devices that wrote something which is still kept. */
const MAX_JOURNALS = 20_000;
/** 10,000 journals of which two series are in use, and some of the other side's own. Who is not verified may send so much. */
export const MAX_HELLO_BYTES = 640 * 1024;

/** First, from both sides, once the other side is authenticated: how far the sender has each journal that it knows. */
export const hello = message(1, {
  journals: list(
    struct({
      origin: peerIdLayout,
      journal: journalIdLayout,
      /** By series. What lies beyond is sent again; the sender drops what it has. */
      cursors: list(seqLayout, { max: MAX_SERIES }),
    }),
    { max: MAX_JOURNALS },
  ),
});

/** Whether that is one, or nothing. */
export const isHelloRecord = (record: Uint8Array): boolean => record[0] === hello.code;
