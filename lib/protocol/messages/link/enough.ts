import { message } from '../../wire/record-codec.ts';
import { streamLayout } from './seq.ts';

/** Another device hands me this stream on. */
export const enough = message(15, { stream: streamLayout });
