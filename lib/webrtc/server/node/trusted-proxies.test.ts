import { ConfigurationError } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { TrustedProxies } from './trusted-proxies.ts';

const proxies = new TrustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);

describe("a client's address", () => {
  it.each([
    ["is its socket's where no proxy stands between, whatever it claims", '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    ['is what a trusted proxy says', '10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ['is the last one that is no trusted proxy', '10.0.0.1', '198.51.100.1, 203.0.113.7, 10.9.9.9', '203.0.113.7'],
    ['is not what the client wrote in front', '10.0.0.1', '10.1.1.1, 198.51.100.1,203.0.113.7', '203.0.113.7'],
    ['is IPv6 behind a proxy of either kind', 'fd00::1', '2001:db8::7', '2001:db8::7'],
    ['is what stands beside a port', '192.0.2.1', '203.0.113.7:50123', '203.0.113.7'],
    ['is what stands in brackets', '192.0.2.1', '[2001:db8::7]:50123', '2001:db8::7'],
    ['is that of a proxy which maps IPv4 into IPv6', '::ffff:10.0.0.1', '203.0.113.7', '203.0.113.7'],
    ["is the proxy's own where it says nothing", '10.0.0.1', undefined, '10.0.0.1'],
    ["is the proxy's own where it says what is no address", '10.0.0.1', '203.0.113.7, unknown', '10.0.0.1'],
    ['is the first one where all are proxies', '10.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['may be missing', '', undefined, ''],
  ])('%s', (_, remoteAddress, forwardedFor, client) => {
    expect(proxies.clientOf(remoteAddress, forwardedFor)).toBe(client);
  });
});

describe('a list of proxies', () => {
  it.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', 'fd00::/129', '10.0.0/8', '', '10.0.0.0/1e1'])(
    'with %j in it is refused',
    (proxy) => {
      expect(() => new TrustedProxies(['10.0.0.1', proxy])).toThrow(ConfigurationError);
      expect(() => new TrustedProxies(['10.0.0.1', proxy])).toThrow('"trustedProxies[1]" must be an address');
    },
  );
});
