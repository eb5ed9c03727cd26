import { ConfigurationError } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { readDoorOptions } from './door-options.ts';

describe('the options of a server at its port', () => {
  it('let pages of any origin in while in development mode, and otherwise none but those that are named', () => {
    expect(readDoorOptions({}, true).allowedOrigins).toBe('any');
    expect(readDoorOptions({}, false).allowedOrigins).toEqual([]);
    const allowedOrigins = ['https://hotel.example'];
    expect(readDoorOptions({ allowedOrigins }, true).allowedOrigins).toEqual(allowedOrigins);
    expect(readDoorOptions({ allowedOrigins: 'any' }, false).allowedOrigins).toBe('any');
  });

  it.each([
    ['allowedOrigins[0]', { allowedOrigins: ['https://hotel.example/'] }],
    ['allowedOrigins[1]', { allowedOrigins: ['https://hotel.example', 'hotel.example'] }],
    ['metricsToken', { metricsToken: 'short' }],
    ['trustedProxies', { trustedProxies: '10.0.0.1' as never }],
  ])('are refused with the path %s', (path, options) => {
    expect(() => readDoorOptions(options, true)).toThrow(ConfigurationError);
    expect(() => readDoorOptions(options, true)).toThrow(expect.objectContaining({ path }));
  });
});
