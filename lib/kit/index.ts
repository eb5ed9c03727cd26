export { type BackoffOptions, backoffDelayMs } from './backoff.ts';
export { type CancelTimer, type Clock, setRepeating, systemClock } from './clock.ts';
export { dropOldest } from './drop-oldest.ts';
export { Emitter, NotTakenError } from './emitter.ts';
export { HybridClock, msOfHybridTime } from './hybrid-clock.ts';
export { ManualClock } from './manual-clock.ts';
export { type Random, randomUint32, seededRandom, systemRandom } from './random.ts';
export { randomId } from './random-id.ts';
export { fillingMs, TokenBucket, type TokenBucketOptions } from './token-bucket.ts';
