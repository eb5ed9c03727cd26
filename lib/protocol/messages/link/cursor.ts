import { varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';
import { seqLayout } from './seq.ts';

/** I have your entries of this lane up to here, and my application has been given them. */
export const cursor = message(3, { lane: varint(), seq: seqLayout });
