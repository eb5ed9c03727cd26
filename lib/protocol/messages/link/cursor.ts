import { message } from '../../wire/record-codec.ts';
import { seqLayout, streamLayout } from './seq.ts';

/** I have this stream up to here, and shall have it after a crash. */
export const cursor = message(3, { stream: streamLayout, seq: seqLayout });
