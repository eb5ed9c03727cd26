import * as v from 'valibot';

/**
 * Which attempt at a link a frame belongs to: a random number that the offer brings and that its answer and candidates
 * repeat, so that what is late from an earlier attempt is known as such.
 */
export const attemptSchema = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(2 ** 32 - 1));
