import { allSeries } from '../../journal/series.ts';
import { varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { peerIdLayout } from '../signaling/peer-id.ts';
import { journalIdLayout } from './hello.ts';
import { streamLayout } from './seq.ts';

/** The sender calls one series of one journal by this number from now on, on this channel. */
export const stream = message(10, {
  stream: streamLayout,
  origin: peerIdLayout,
  journal: journalIdLayout,
  series: varint({ max: allSeries.length - 1 }),
});
