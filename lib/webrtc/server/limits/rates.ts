import { type Clock, fillingMs, TokenBucket, type TokenBucketOptions } from '@innmesh/kit';
import type { SocketRefusal } from '../refusals.ts';
import { overRate } from './allowance.ts';
import { LenientBucket } from './lenient-bucket.ts';

/** The rates that are bounded for a device, and for a tenant. */
export type Rates = Record<'joins' | 'frames' | 'bytes' | 'sealedBytes', TokenBucketOptions>;

export class RateUsage {
  readonly joins: TokenBucket;
  readonly frames: TokenBucket;
  readonly bytes: TokenBucket;
  readonly sealedBytes: LenientBucket;

  constructor({ joins, frames, bytes, sealedBytes }: Rates, clock: Clock) {
    this.joins = new TokenBucket(joins, clock);
    this.frames = new TokenBucket(frames, clock);
    this.bytes = new TokenBucket(bytes, clock);
    this.sealedBytes = new LenientBucket(sealedBytes, clock);
  }
}

/** Of the rates over which a socket is closed. */
export type RateRefusals = Record<'joins' | 'frames' | 'bytes', SocketRefusal>;

export function refusalsOf(whose: 'device' | 'tenant', { joins, frames, bytes }: Rates): RateRefusals {
  const ofAll = whose === 'tenant' ? ' of all devices' : '';
  return {
    joins: overRate(`${whose}_joins`, `joins${ofAll}`, joins),
    frames: overRate(`${whose}_frames`, `frames${ofAll}`, frames),
    bytes: overRate(`${whose}_bytes`, `bytes${ofAll}`, bytes),
  };
}

export function longestFillingMs({ joins, frames, bytes, sealedBytes }: Rates): number {
  return Math.max(fillingMs(joins), fillingMs(frames), fillingMs(bytes), 2 * fillingMs(sealedBytes));
}
