import { describe, expect, it } from 'vitest';
import { readPath } from './topology.ts';

type Stats = Record<string, unknown> & { id: string; type: string };

const read = (stats: Stats[]) => readPath(stats as unknown as RTCStats[]);

/* What each implementation's getStats() says of a link on one network, cut to what is read. */

const chromium: Stats[] = [
  { id: 'T01', type: 'transport', dtlsState: 'connected', selectedCandidatePairId: 'CPx', bytesSent: 3_000 },
  { id: 'CPy', type: 'candidate-pair', localCandidateId: 'Ib', remoteCandidateId: 'Id', state: 'waiting' },
  {
    id: 'CPx',
    type: 'candidate-pair',
    localCandidateId: 'Ia',
    remoteCandidateId: 'Ic',
    state: 'succeeded',
    nominated: true,
    bytesSent: 1_840,
    bytesReceived: 1_702,
  },
  { id: 'Ia', type: 'local-candidate', candidateType: 'host', address: '', protocol: 'udp', port: 51_200 },
  { id: 'Ib', type: 'local-candidate', candidateType: 'srflx', address: '203.0.113.7', protocol: 'udp', port: 51_200 },
  { id: 'Ic', type: 'remote-candidate', candidateType: 'host', address: '', protocol: 'udp', port: 43_100 },
  { id: 'Id', type: 'remote-candidate', candidateType: 'srflx', address: '203.0.113.7', protocol: 'udp', port: 43_100 },
];

/** Firefox has no `transport` and marks the pair itself. */
const firefox: Stats[] = [
  {
    id: '9f1',
    type: 'candidate-pair',
    localCandidateId: 'a',
    remoteCandidateId: 'c',
    state: 'succeeded',
    selected: false,
  },
  {
    id: '9f2',
    type: 'candidate-pair',
    localCandidateId: 'b',
    remoteCandidateId: 'c',
    state: 'succeeded',
    nominated: true,
    selected: true,
    bytesSent: 900,
    bytesReceived: 800,
  },
  { id: 'a', type: 'local-candidate', candidateType: 'srflx', address: '203.0.113.7' },
  { id: 'b', type: 'local-candidate', candidateType: 'host', address: 'a1b2.local' },
  { id: 'c', type: 'remote-candidate', candidateType: 'host', address: '192.168.1.20' },
];

/** node-datachannel says `ip` where the specification has `address`. */
const nodeDatachannel: Stats[] = [
  { id: 'transport', type: 'transport', selectedCandidatePairId: 'pair' },
  {
    id: 'pair',
    type: 'candidate-pair',
    localCandidateId: 'local',
    remoteCandidateId: 'remote',
    bytesSent: 500,
    bytesReceived: 400,
  },
  { id: 'local', type: 'local-candidate', candidateType: 'host', ip: '192.168.1.10' },
  { id: 'remote', type: 'remote-candidate', candidateType: 'prflx', ip: '192.168.1.20' },
];

/** One selected pair between candidates of these types. */
function pairOf(local: Partial<Stats>, remote: Partial<Stats>): Stats[] {
  return [
    { id: 't', type: 'transport', selectedCandidatePairId: 'p' },
    {
      id: 'p',
      type: 'candidate-pair',
      localCandidateId: 'l',
      remoteCandidateId: 'r',
      bytesSent: 60,
      bytesReceived: 40,
    },
    { id: 'l', type: 'local-candidate', ...local },
    { id: 'r', type: 'remote-candidate', ...remote },
  ];
}

const host = { candidateType: 'host', address: '192.168.1.10' };

describe('the path of a link on one network', () => {
  it.each([
    ['Chromium', chromium, 1_840, 1_702],
    ['Firefox', firefox, 900, 800],
    ['node-datachannel', nodeDatachannel, 500, 400],
  ])('is read from what %s says', (_, stats, bytesSent, bytesReceived) => {
    expect(read(stats)).toEqual({
      topology: 'local-p2p',
      path: 'host',
      bytesSent,
      bytesReceived,
      reason: '',
    });
  });

  it('is that of the transport, even where an earlier pair is still marked', () => {
    const stats = [...pairOf(host, host), { id: 'old', type: 'candidate-pair', selected: true, bytesSent: 7 }];
    expect(read(stats).bytesSent).toBe(60);
  });
});

describe('the kind of a path', () => {
  it.each([
    ['host', host, { candidateType: 'prflx', address: '10.0.0.7' }],
    ['host', host, { candidateType: 'prflx', address: '' }],
    ['host', host, { candidateType: 'prflx', address: 'fd00::7' }],
    ['reflexive', host, { candidateType: 'prflx', address: '203.0.113.7' }],
    ['reflexive', host, { candidateType: 'srflx', address: '203.0.113.7' }],
    ['reflexive', { candidateType: 'srflx', address: '203.0.113.7' }, host],
    [
      'reflexive',
      { candidateType: 'srflx', address: '203.0.113.7' },
      { candidateType: 'srflx', address: '203.0.113.7' },
    ],
    ['host', { candidateType: 'srflx', address: '192.168.1.10' }, { candidateType: 'prflx', address: '' }],
    ['reflexive', { candidateType: 'srflx', address: '' }, host],
    ['turn', host, { candidateType: 'relay', address: '198.51.100.1' }],
    ['turn', { candidateType: 'relay', address: '198.51.100.1' }, { candidateType: 'prflx', address: '10.0.0.7' }],
  ])('is %s between %j and %j', (path, local, remote) => {
    const { topology, ...rest } = read(pairOf(local, remote));
    expect(rest.path).toBe(path);
    expect(topology).toBe(path === 'turn' ? 'cloud-relay' : 'local-p2p');
    expect(rest.reason === '').toBe(path === 'host');
  });

  it('is unknown while no pair is selected', () => {
    const waiting = chromium.map((entry) => ({ ...entry, selectedCandidatePairId: undefined }));
    for (const stats of [[], waiting]) {
      expect(read(stats)).toMatchObject({ topology: 'unknown', path: null });
      expect(read(stats).reason).not.toBe('');
    }
  });
});

describe('a peer-reflexive candidate at a public address', () => {
  const pathBetween = (local: string, remote: string) => {
    const stats = [
      { id: 'T', type: 'transport', timestamp: 0, selectedCandidatePairId: 'P' },
      { id: 'P', type: 'candidate-pair', timestamp: 0, localCandidateId: 'L', remoteCandidateId: 'R' },
      { id: 'L', type: 'local-candidate', timestamp: 0, candidateType: 'host', address: local },
      { id: 'R', type: 'remote-candidate', timestamp: 0, candidateType: 'prflx', address: remote },
    ];
    return readPath(stats as unknown as RTCStats[]).path;
  };

  it('is local where the other end is its neighbour, as on a property with public addresses', () => {
    expect(pathBetween('192.0.2.2', '192.0.2.9')).toBe('host');
    expect(pathBetween('192.0.2.2', '198.51.100.9')).toBe('reflexive');
  });
});

it('the way through the signaling server is known for what it is', () => {
  const id = 'signaling-relay';
  expect(read([{ id, type: id, bytesSent: 1_500_000_000, bytesReceived: 500_000_000 }])).toMatchObject({
    topology: 'cloud-relay',
    path: 'signaling-relay',
    bytesSent: 1_500_000_000,
    bytesReceived: 500_000_000,
    reason: expect.stringContaining('sealed for the two, through the signaling server'),
  });
});
