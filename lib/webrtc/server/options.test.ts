import { ConfigurationError } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the options of a signaling server', () => {
  it('have defaults, also for those that are there and undefined', () => {
    expect(readOptions({ frameRate: undefined, heartbeatMs: undefined } as never)).toEqual({
      heartbeatMs: 15_000,
      joinTimeoutMs: 5_000,
      frameRate: { burst: 2_000, perSecond: 200 },
      maxBufferedBytes: 4 * 1024 * 1024,
    });
  });

  it.each([
    ['heartbeatMs', { heartbeatMs: 0 }],
    ['heartbeatMs', { heartbeatMs: Number.NaN }],
    ['heartbeatMs', { heartbeatMs: 3e9 }],
    ['joinTimeoutMs', { joinTimeoutMs: -1 }],
    ['frameRate.burst', { frameRate: { burst: 0, perSecond: 1 } }],
    ['maxBufferedBytes', { maxBufferedBytes: 0.5 }],
  ])('are refused with the path %s', (path, options) => {
    expect(() => readOptions(options)).toThrow(ConfigurationError);
    expect(() => readOptions(options)).toThrow(expect.objectContaining({ path }));
  });
});
