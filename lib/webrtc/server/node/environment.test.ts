import { describe, expect, it } from 'vitest';
import { optionsFromEnvironment } from './environment.ts';

describe("the program's environment", () => {
  it('sets nothing but the port where it says nothing', () => {
    expect(optionsFromEnvironment({ HOST: '', METRICS_TOKEN: '', ALLOWED_ORIGINS: '' })).toEqual({ port: 8080 });
  });

  it('sets what the server offers', () => {
    const env = {
      PORT: '9000',
      HOST: '127.0.0.1',
      TRUSTED_PROXIES: '10.0.0.1, fd00::/8',
      ALLOWED_ORIGINS: 'https://hotel.example',
      METRICS: 'off',
      RELAY_FRAMES: 'off',
      METRICS_TOKEN: 'a token for metrics',
    };
    expect(optionsFromEnvironment(env)).toEqual({
      port: 9000,
      host: '127.0.0.1',
      trustedProxies: ['10.0.0.1', 'fd00::/8'],
      allowedOrigins: ['https://hotel.example'],
      metrics: false,
      relayFrames: false,
      metricsToken: 'a token for metrics',
    });
    expect(optionsFromEnvironment({ ALLOWED_ORIGINS: 'any' }).allowedOrigins).toBe('any');
  });

  it('says whose credentials let devices in; where it says nothing, that is development mode', () => {
    const env = {
      INNMESH_ISSUER_KEYS: 'https://id.example.com/v1/issuer-keys',
      INNMESH_SHARED_SECRET: 'a secret of at least 32 bytes, this',
      INNMESH_PUBLIC_HOSTS: 'signaling.example.com, signaling.example.net:8443',
    };
    expect(optionsFromEnvironment(env).auth).toEqual({
      issuerKeys: 'https://id.example.com/v1/issuer-keys',
      sharedSecret: 'a secret of at least 32 bytes, this',
      hosts: ['signaling.example.com', 'signaling.example.net:8443'],
    });
    expect(optionsFromEnvironment({ INNMESH_ISSUER_KEYS: '', INNMESH_PUBLIC_HOSTS: '' })).toEqual({ port: 8080 });
  });
});
