import { P2PConnection, type P2PConnectionConfig } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPeerConnection } from '../../lib/webrtc/client/link/peer-connection.node.ts';
import { nextEvent, until } from '../support/devices.ts';

type Platform = NonNullable<ConstructorParameters<typeof P2PConnection>[1]>;

let server: SignalingServer;
const devices: P2PConnection[] = [];

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
});

afterEach(async () => {
  for (const device of devices.splice(0)) device.disconnect();
  await server.close();
});

function device(config: Partial<P2PConnectionConfig>, platform: Platform = {}): P2PConnection {
  const created = new P2PConnection(
    {
      signalingServers: [server.url],
      tenantId: 'hotel-abc-123',
      deviceInfo: { type: 'staff', name: 'Front Desk iPad', capabilities: [] },
      ...config,
    },
    platform,
  );
  devices.push(created);
  return created;
}

/** Connects two devices of this configuration; resolves with the first, once they are linked. */
async function linkedDevice(config: Partial<P2PConnectionConfig>, platform: Platform = {}): Promise<P2PConnection> {
  const first = device(config, platform);
  const second = device({ iceServers: [], ...(config.tenantId && { tenantId: config.tenantId }) });
  await first.connect();
  const linked = nextEvent(first, 'connected');
  await second.connect();
  await linked;
  return first;
}

/** A platform that notes what peer connections are made with. */
function noting(configurations: RTCConfiguration[]): Platform {
  return {
    createPeerConnection(configuration) {
      configurations.push(structuredClone(configuration));
      return createPeerConnection({ iceServers: [] });
    },
  };
}

describe('the configuration', () => {
  it('hands iceServers to the links, and Google’s STUN server where it names none', async () => {
    // Each notes its own, as a device prepares its next link whenever it has a moment.
    const given: RTCConfiguration[] = [];
    const byDefault: RTCConfiguration[] = [];
    const turn = { urls: ['turn:turn.example.com:3478?transport=udp'], username: 'u', credential: 'c' };
    await linkedDevice({ iceServers: [turn] }, noting(given));
    await linkedDevice({ tenantId: 'another' }, noting(byDefault));
    expect([given.length > 0, byDefault.length > 0]).toEqual([true, true]);
    for (const { iceServers } of given) expect(iceServers).toEqual([turn]);
    for (const { iceServers } of byDefault) expect(iceServers).toEqual([{ urls: 'stun:stun.l.google.com:19302' }]);
  });

  it('tries servers of the local network first, unless preferLocal is off', async () => {
    const tried = async (preferLocal?: boolean) => {
      const urls: string[] = [];
      const refusing = device(
        {
          signalingServers: ['wss://cloud.example.com', 'ws://192.168.1.2:8080'],
          ...(preferLocal === false && { preferLocal }),
        },
        {
          openWebSocket(url) {
            urls.push(url);
            throw new Error('not in this test');
          },
        },
      );
      await refusing.connect().catch(() => {});
      return urls;
    };
    expect(await tried()).toEqual(['ws://192.168.1.2:8080', 'wss://cloud.example.com']);
    expect(await tried(false)).toEqual(['wss://cloud.example.com', 'ws://192.168.1.2:8080']);
  });

  it('finds a silent peer by keepaliveInterval: two pings without an answer end the link', async () => {
    let silent = false;
    const mute: Platform = {
      createPeerConnection(configuration) {
        const connection = createPeerConnection(configuration);
        const create = connection.createDataChannel.bind(connection);
        connection.createDataChannel = (label, init) => {
          const channel = create(label, init);
          const send = channel.send.bind(channel) as (data: unknown) => void;
          channel.send = (data: unknown) => {
            if (!silent) send(data);
          };
          return channel;
        };
        return connection;
      },
    };
    const desk = device({ iceServers: [], keepaliveInterval: 100 });
    const frozen = device({ iceServers: [], keepaliveInterval: 60_000 }, mute);
    await desk.connect();
    const linked = nextEvent(desk, 'connected');
    await frozen.connect();
    await linked;
    await until(() => desk.getPeers()[0]?.status === 'connected', 'the link');
    const gone = nextEvent(desk, 'disconnected');
    silent = true;
    expect(await gone).toEqual([frozen.peerId]);
  });

  it('writes what happens to the console with debug, and nothing without', async () => {
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => {});
    await device({ iceServers: [] }).connect();
    expect(debug).not.toHaveBeenCalled();
    await device({ iceServers: [], debug: true, tenantId: 'another' }).connect();
    expect(debug).toHaveBeenCalledWith(expect.stringContaining(`joined through ${server.url}`));
    debug.mockRestore();
  });

  it('says what relayed bytes cost by its price table', async () => {
    const relayed: Platform = {
      createPeerConnection(configuration) {
        const connection = createPeerConnection(configuration);
        const gigabyte = [
          { id: 'T', type: 'transport', timestamp: 0, selectedCandidatePairId: 'P' },
          {
            id: 'P',
            type: 'candidate-pair',
            timestamp: 0,
            localCandidateId: 'L',
            remoteCandidateId: 'R',
            bytesSent: 6e8,
            bytesReceived: 4e8,
          },
          { id: 'L', type: 'local-candidate', timestamp: 0, candidateType: 'relay' },
          { id: 'R', type: 'remote-candidate', timestamp: 0, candidateType: 'host' },
        ];
        connection.getStats = async () =>
          new Map(gigabyte.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;
        return connection;
      },
    };
    const desk = await linkedDevice({ iceServers: [], prices: { relayUsdPerGigabyte: 0.4 } }, relayed);
    const topology = await desk.getNetworkTopology(desk.getPeers()[0]?.peerId ?? '');
    expect(topology).toMatchObject({ topology: 'cloud-relay', path: 'turn', estimatedCost: 0.4 });
    expect(topology?.reason).toContain('relay');
  });
});

describe('a relay that the server lends and the platform makes no connection with', () => {
  it('is told of once, and links are made without it', async () => {
    const lending = await createSignalingServer({
      port: 0,
      host: '127.0.0.1',
      turn: { urls: ['turn:turn.example.com:9'], secret: 'north-sea-breeze' },
    });
    const refusing: Platform = {
      createPeerConnection(configuration) {
        if (JSON.stringify(configuration).includes('turn:')) throw new SyntaxError('that port is blocked');
        return createPeerConnection(configuration);
      },
    };
    const [desk, bar] = [1, 2].map(() => device({ iceServers: [], signalingServers: [lending.url] }, refusing)) as [
      P2PConnection,
      P2PConnection,
    ];
    const errors: Error[] = [];
    desk.on('error', (error) => errors.push(error));
    bar.on('error', () => {});
    const linked = nextEvent(desk, 'connected');
    await desk.connect();
    await bar.connect();
    await linked;
    expect(errors).toMatchObject([{ code: 'TURN_FAILED', url: 'turn:turn.example.com:9' }]);
    expect(errors[0]?.message).toContain('that port is blocked');
    for (const each of devices.splice(0)) each.disconnect();
    await lending.close();
  });
});
