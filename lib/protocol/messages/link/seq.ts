import { varint } from '../../wire/layout.ts';

/** The number of an entry in its lane, counted up from 1 by its writer; 0 stands before the first. */
export const seqLayout = varint();
