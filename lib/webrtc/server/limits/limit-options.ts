import type { TokenBucketOptions } from '@innmesh/kit';
import { limits as protocolLimits } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';

/*
 * The defaults are for the largest hotel we know of: 500 devices and a thousand guests' phones behind one public
 * address (NAT), all of which come back in the same second after an outage. They bound what an attacker can take, and
 * no honest device should ever meet them.
 */

/** Per remote address; IPv6 addresses are counted by their /64. */
export interface AddressLimits {
  /**
   * TCP connections open at once, pages included. Default: 4000, twice the sockets: a browser that has a page open keeps
   * one or two more. The connections of a trusted proxy are not counted.
   */
  connections?: number;
  /** WebSockets open at once. Default: 2000: 500 devices and their successors after an outage, and 1,000 guests. */
  sockets?: number;
  /** WebSockets opened. Default: 2000 at once and 200 a second: everyone at once, and again ten seconds later. */
  newSockets?: TokenBucketOptions;
  /**
   * Joins that were refused for what they said. Default: 100 at once and 1 a second: enough for a box of tablets with
   * last year's credential, and 86,400 guesses a day against 2¹²⁸. A device that joined from this address before is let
   * try all the same, so that a guesser among the guests cannot lock the hotel out.
   */
  failedJoins?: TokenBucketOptions;
}

/** Per device: what it used goes on counting when it comes back through another socket. */
export interface DeviceLimits {
  /** Joins. Default: 30 at once and 0.5 a second: a page that is loaded again and again by a thumb, not by a loop. */
  joins?: TokenBucketOptions;
  /**
   * Frames sent. Default: 6000 at once and 200 a second: a newcomer sends about six to each device in the room, so this
   * fills a room of 1,000.
   */
  frames?: TokenBucketOptions;
  /** Bytes sent. Default: 8 MiB at once and 1 MiB a second: an offer and its candidates are 3 KiB, for 1,000 devices. */
  bytes?: TokenBucketOptions;
  /**
   * Bytes of sealed frames, each counted 256 more than it has. Devices are told, and keep below it. Default: 1 MiB at
   * once and 256 KiB a second: orders by the hundred, or a receipt of 5 MB in 20 s.
   */
  sealedBytes?: TokenBucketOptions;
}

/** Per tenant, over all of its devices. */
export interface TenantLimits {
  /** Devices in the room. Default: 2000: each of them is told of every other. */
  devices?: number;
  /** Joins. Default: 2000 at once and 200 a second: a full room comes back at once. */
  joins?: TokenBucketOptions;
  /**
   * Frames sent. Default: 2000000 at once and 20000 a second: after a power cut 500 devices make 124,750 links of twelve
   * frames each, which is 1.5 million; after that, a fifth of what one core relays.
   */
  frames?: TokenBucketOptions;
  /** Bytes sent. Default: 1 GiB at once and 16 MiB a second: the same links, at 5 KiB each and with room. */
  bytes?: TokenBucketOptions;
  /** Bytes of sealed frames. Default: 16 MiB at once and 4 MiB a second: sixteen devices at their full rate. */
  sealedBytes?: TokenBucketOptions;
}

/** What one HTTP request or connection may take. */
export interface HttpLimits {
  /** TCP connections open at once, from everywhere. Default: 20000, about 1 GiB when each is a joined device. */
  connections?: number;
  /** How long the headers may take, from the connection's opening, in milliseconds. Default: 10000. */
  headersTimeoutMs?: number;
  /** How long the whole request may take, in milliseconds. Default: 30000. */
  requestTimeoutMs?: number;
  /** How long a connection may wait for its next request, in milliseconds. Default: 5000. */
  keepAliveTimeoutMs?: number;
  /** How long an answer may wait for a reader that takes none of it, in milliseconds. Default: 30000. */
  stalledTimeoutMs?: number;
  /** The headers of a request, in bytes. Default: 8 KiB: browsers send less than 2. */
  headersBytes?: number;
  /** The number of headers of a request. Default: 64. */
  headers?: number;
  /** The body of a request, in bytes; its length must be announced. Default: 64 KiB. */
  bodyBytes?: number;
  /** How long the other side may take to answer a closing WebSocket, in milliseconds. Default: 2000. */
  closingTimeoutMs?: number;
}

export interface LimitOptions {
  address?: AddressLimits;
  device?: DeviceLimits;
  tenant?: TenantLimits;
  http?: HttpLimits;
}

const MEBIBYTE = 1024 * 1024;

const count = s.wholeNumber({ min: 1 });
const timeMs = s.wholeNumber({ min: 1, max: protocolLimits.heartbeatMs });
const perSecond = s.number({ min: 0.001 });

const rate = (burst: number, each: number) =>
  s.optional(s.object({ burst: count, perSecond }), { burst, perSecond: each });

/** A bucket that holds less than the largest frame would let none of those through, ever. */
const byteRate = (burst: number, each: number) =>
  s.optional(s.object({ burst: s.wholeNumber({ min: protocolLimits.signalingFrameBytes }), perSecond }), {
    burst,
    perSecond: each,
  });

const sealedRate = (burst: number, each: number) =>
  s.optional(
    s.object({ burst: s.wholeNumber({ min: protocolLimits.sealedWindowBytes }), perSecond: s.number({ min: 1 }) }),
    { burst, perSecond: each },
  );

export const limitsSchema = s.object({
  address: s.optional(
    s.object({
      connections: s.optional(count, 4_000),
      sockets: s.optional(count, 2_000),
      newSockets: rate(2_000, 200),
      failedJoins: rate(100, 1),
    }),
    {},
  ),
  device: s.optional(
    s.object({
      joins: rate(30, 0.5),
      frames: rate(6_000, 200),
      bytes: byteRate(8 * MEBIBYTE, MEBIBYTE),
      sealedBytes: sealedRate(MEBIBYTE, MEBIBYTE / 4),
    }),
    {},
  ),
  tenant: s.optional(
    s.object({
      devices: s.optional(count, 2_000),
      joins: rate(2_000, 200),
      frames: rate(2_000_000, 20_000),
      bytes: byteRate(1024 * MEBIBYTE, 16 * MEBIBYTE),
      sealedBytes: sealedRate(16 * MEBIBYTE, 4 * MEBIBYTE),
    }),
    {},
  ),
  http: s.optional(
    s.object({
      connections: s.optional(count, 20_000),
      headersTimeoutMs: s.optional(timeMs, 10_000),
      requestTimeoutMs: s.optional(timeMs, 30_000),
      keepAliveTimeoutMs: s.optional(timeMs, 5_000),
      stalledTimeoutMs: s.optional(timeMs, 30_000),
      headersBytes: s.optional(count, 8 * 1024),
      headers: s.optional(count, 64),
      bodyBytes: s.optional(count, 64 * 1024),
      closingTimeoutMs: s.optional(timeMs, 2_000),
    }),
    {},
  ),
});

/** The limits with every default filled in. */
export type Limits = s.InferOutput<typeof limitsSchema>;
