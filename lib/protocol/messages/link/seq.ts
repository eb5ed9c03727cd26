import * as v from 'valibot';

/** The number of an entry in its lane, counted up from 1 by its writer; 0 stands before the first. */
export const seqSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
