import { varint } from '../../wire/layout.ts';

export const MAX_ATTEMPT = 2 ** 32 - 1;

/**
 * Which attempt at a link a frame belongs to: a random number that the offer brings and that its answer and candidates
 * repeat, so that what is late from an earlier attempt is known as such.
 */
export const attemptLayout = varint({ max: MAX_ATTEMPT });
