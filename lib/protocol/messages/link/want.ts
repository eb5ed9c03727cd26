import { message } from '../../wire/record-codec.ts';
import { seqLayout, streamLayout } from './seq.ts';

/** Hand me this stream on, from behind here and as it grows. */
export const want = message(14, { stream: streamLayout, after: seqLayout });
