import { varint } from '../../wire/layout.ts';

/** The number of an entry in its series, counted up from 1 by its writer; 0 stands before the first. */
export const seqLayout = varint();

/** Each side of a link numbers the streams that it speaks of by itself. */
export const streamLayout = varint({ max: 100_000 });
