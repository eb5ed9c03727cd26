import { ConfigurationError } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from './configuration.ts';
import type { P2PConnectionConfig } from './public-types.ts';

const least: P2PConnectionConfig = {
  signalingServers: ['wss://signaling.example.com'],
  tenantId: 'hotel',
  deviceInfo: { type: 'staff', name: 'Front Desk iPad', capabilities: [] },
};

describe('the defaults', () => {
  it('are those that the documentation names', () => {
    expect(readConfiguration(least)).toEqual({
      ...least,
      iceServers: [{ urls: 'stun:stun.l.google.com:19302' }],
      preferLocal: true,
      autoReconnect: true,
      reconnectInterval: 5_000,
      keepaliveInterval: 30_000,
      debug: false,
      timeToLive: {},
      storage: { maxBytes: 256 * 1024 * 1024 },
      prices: { relayUsdPerGigabyte: 0.09 },
    });
  });

  it('give way to what is given', () => {
    const given = {
      ...least,
      iceServers: [],
      preferLocal: false,
      autoReconnect: false,
      reconnectInterval: 1,
      keepaliveInterval: 2 ** 31 - 1,
      debug: true,
      timeToLive: { order: 1, 'x-note': 30 * 24 * 60 * 60 * 1000 },
      storage: { maxBytes: 1 },
      prices: { relayUsdPerGigabyte: 0 },
    };
    expect(readConfiguration(given)).toEqual(given);
  });
});

describe('ICE servers', () => {
  it.each([
    'stun:stun.example.com',
    'stuns:stun.example.com:5349',
    'stun:stun.example.com:65535',
    'turn:turn.example.com:3478?transport=tcp',
    'turns:[2001:db8::1]:443?transport=udp',
    'TURN:turn.example.com',
  ])('may be at %s', (url) => {
    const login = { username: 'u', credential: 'c' };
    const iceServers = [
      { urls: url, ...login },
      { urls: [url, url], ...login },
    ];
    expect(readConfiguration({ ...least, iceServers }).iceServers).toEqual(iceServers);
  });

  it('keep fields that only some browsers know', () => {
    const iceServers = [{ urls: 'stun:s.example.com', credentialType: 'password' }];
    expect(readConfiguration({ ...least, iceServers }).iceServers).toEqual(iceServers);
  });
});

describe('a wrong field is named with its path and what was expected', () => {
  it.each([
    ['signalingServers', { signalingServers: [] }, /at least one/],
    ['signalingServers[1]', { signalingServers: ['ws://a', 'https://b'] }, /WebSocket URL such as/],
    ['signalingServers[0]', { signalingServers: ['nonsense'] }, /WebSocket URL such as .*, not "nonsense"/],
    ['signalingServers[0]', { signalingServers: ['wss://a.example/#room'] }, /not "wss:..a.example.#room"/],
    ['signalingServers[0]', { signalingServers: ['ws://a.example:99999'] }, /not "ws:..a.example:99999"/],
    ['tenantId', { tenantId: '' }, /./],
    ['tenantId', { tenantId: 'x'.repeat(129) }, /128/],
    ['deviceInfo.name', { deviceInfo: { ...least.deviceInfo, name: '' } }, /./],
    ['deviceInfo.capabilities[0]', { deviceInfo: { ...least.deviceInfo, capabilities: [1] } }, /./],
    ['iceServers[0].urls', { iceServers: [{ urls: 'stun.example.com' }] }, /ICE URL such as/],
    [
      'iceServers[1].urls[1]',
      { iceServers: [{ urls: 'stun:a' }, { urls: ['stun:a', 'http://b'] }] },
      /not "http:\/\/b"/,
    ],
    ['iceServers[0].urls', { iceServers: [{ urls: 'stun:a:65536' }] }, /not "stun:a:65536"/],
    ['iceServers[0].urls', { iceServers: [{ urls: 'stun:a:0' }] }, /not "stun:a:0"/],
    ['iceServers[0].urls', { iceServers: [{ urls: 'stun:a?transport=udp' }] }, /not "stun:a/],
    ['iceServers[0].urls', { iceServers: [{ urls: 'turn://a' }] }, /not "turn:\/\/a"/],
    ['iceServers[0].urls', { iceServers: [{ urls: [] }] }, /at least 1/],
    ['iceServers[0].credential', { iceServers: [{ urls: 'turn:a' }] }, /"username" too/],
    ['iceServers[0].credential', { iceServers: [{ urls: 'turn:a', credential: 'c' }] }, /"username" too/],
    ['iceServers[0].credential', { iceServers: [{ urls: ['stun:a', 'TURNS:a'], username: 'u', credential: '' }] }, /./],
    ['iceServers[0].urls', { iceServers: [{}] }, /./],
    ['iceServers[0].urls[0]', { iceServers: [{ urls: ['stun:a.example:0'] }] }, /not "stun:a.example:0"/],
    ['iceServers[0].urls[0]', { iceServers: [{ urls: ['stun:a.example:65536'] }] }, /not "stun:a.example:65536"/],
    ['iceServers[0].urls[0]', { iceServers: [{ urls: ['stun:a.example:x'] }] }, /not "stun:a.example:x"/],
    ['iceServers[0].urls[0]', { iceServers: [{ urls: ['stun:a.example?transport=udp'] }] }, /not "stun/],
    ['iceServers[0].urls[0]', { iceServers: [{ urls: ['turn:[::1'] }] }, /not "turn:/],
    ['reconnectInterval', { reconnectInterval: 0 }, /./],
    ['reconnectInterval', { reconnectInterval: Number.POSITIVE_INFINITY }, /./],
    ['keepaliveInterval', { keepaliveInterval: 2 ** 31 }, /./],
    ['keepaliveInterval', { keepaliveInterval: '30' }, /./],
    ['preferLocal', { preferLocal: 'yes' }, /./],
    ['credentials', { credentials: 'eyJ' }, /is no field here/],
    ['prices.relayUsdPerGigabyte', { prices: { relayUsdPerGigabyte: -1 } }, /./],
  ])('%s: %j', (path, change, problem) => {
    let error: unknown;
    try {
      readConfiguration({ ...least, ...change } as never);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ path, code: 'INVALID_CONFIGURATION', message: expect.stringMatching(problem) });
  });
});
