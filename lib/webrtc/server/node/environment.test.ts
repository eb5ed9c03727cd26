import { describe, expect, it } from 'vitest';
import { readOptions } from '../options.ts';
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

  it('says which relays there are, and leaves it to the options to tell what is wrong with them', () => {
    const env = {
      INNMESH_TURN_URLS: 'turn:turn.example.com:3478, turns:turn.example.com:443?transport=tcp',
      INNMESH_TURN_SECRET: 'north-sea-breeze',
    };
    const turn = {
      urls: ['turn:turn.example.com:3478', 'turns:turn.example.com:443?transport=tcp'],
      secret: 'north-sea-breeze',
    };
    expect(optionsFromEnvironment(env).turn).toEqual(turn);
    const longer = { ...env, INNMESH_TURN_LIFETIME_SECONDS: '7200' };
    expect(optionsFromEnvironment(longer).turn).toEqual({ ...turn, lifetimeSeconds: 7_200 });
    for (const half of [{ INNMESH_TURN_URLS: 'turn:a' }, { INNMESH_TURN_SECRET: 'north-sea-breeze' }]) {
      expect(() => readOptions(optionsFromEnvironment(half))).toThrow(/"turn\.(urls|secret)" must have at least/);
    }
    expect(optionsFromEnvironment({ INNMESH_TURN_URLS: '', INNMESH_TURN_SECRET: '' })).toEqual({ port: 8080 });
  });
});
