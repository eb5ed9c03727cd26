import * as s from '../../schema/index.ts';

/** The number of an entry in its lane, counted up from 1 by its writer; 0 stands before the first. */
export const seqSchema = s.wholeNumber({ min: 0 });
