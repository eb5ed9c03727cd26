import { ConfigurationError } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the options of a signaling server', () => {
  it('have defaults, also for those that are there and undefined', () => {
    const limits = { device: { frames: undefined }, tenant: undefined };
    expect(readOptions({ heartbeatMs: undefined, limits } as never)).toMatchObject({
      heartbeatMs: 15_000,
      joinTimeoutMs: 5_000,
      maxBufferedBytes: 4 * 1024 * 1024,
      limits: {
        address: { sockets: 2_000, newSockets: { burst: 2_000, perSecond: 200 } },
        device: { frames: { burst: 6_000, perSecond: 200 } },
        tenant: { devices: 2_000 },
        http: { headersTimeoutMs: 10_000 },
      },
    });
  });

  it.each([
    ['heartbeatMs', { heartbeatMs: 0 }],
    ['heartbeatMs', { heartbeatMs: Number.NaN }],
    ['heartbeatMs', { heartbeatMs: 3e9 }],
    ['joinTimeoutMs', { joinTimeoutMs: -1 }],
    ['limits.device.frames.burst', { limits: { device: { frames: { burst: 0, perSecond: 1 } } } }],
    ['limits.tenant.joins.perSecond', { limits: { tenant: { joins: { burst: 1, perSecond: 0 } } } }],
    ['limits.device.bytes.burst', { limits: { device: { bytes: { burst: 16_383, perSecond: 1 } } } }],
    ['limits.address.sockets', { limits: { address: { sockets: 0.5 } } }],
    ['limits.http.headersTimeoutMs', { limits: { http: { headersTimeoutMs: Number.POSITIVE_INFINITY } } }],
    ['maxBufferedBytes', { maxBufferedBytes: 0.5 }],
  ])('are refused with the path %s', (path, options) => {
    expect(() => readOptions(options)).toThrow(ConfigurationError);
    expect(() => readOptions(options)).toThrow(expect.objectContaining({ path }));
  });
});
