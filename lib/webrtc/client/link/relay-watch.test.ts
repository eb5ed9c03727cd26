import { beforeEach, describe, expect, it } from 'vitest';
import type { TurnError } from '../errors.ts';
import { RelayWatch } from './relay-watch.ts';

const turn = [{ urls: ['stun:stun.example.com', 'turn:turn.example.com'], username: 'u', credential: 'c' }];

/** A connection that gathers as this test says. */
class GatheringConnection extends EventTarget {
  iceGatheringState = 'new';
  localDescription = { sdp: '' };
  listens = false;
  override addEventListener(...args: Parameters<EventTarget['addEventListener']>): void {
    this.listens = true;
    super.addEventListener(...args);
  }
  fail(url: string, errorCode = 401, errorText = 'Unauthorized'): void {
    this.dispatchEvent(Object.assign(new Event('icecandidateerror'), { url, errorCode, errorText }));
  }
  complete(sdp = 'a=candidate:1 1 udp 1 192.168.1.2 9 typ host'): void {
    this.localDescription = { sdp };
    this.iceGatheringState = 'complete';
    this.dispatchEvent(new Event('icegatheringstatechange'));
  }
}

let failures: TurnError[];
let watch: RelayWatch;

beforeEach(() => {
  failures = [];
  watch = new RelayWatch((error) => failures.push(error));
});

function watched(servers: RTCIceServer[] = turn): GatheringConnection {
  const connection = new GatheringConnection();
  watch.watch(connection as unknown as RTCPeerConnection, servers);
  return connection;
}

describe('a device that no relay takes', () => {
  it('is told which, what it says and what to do, when gathering is over', () => {
    const connection = watched();
    connection.fail('turn:turn.example.com');
    expect(failures).toEqual([]);
    connection.complete();
    expect(failures).toMatchObject([{ code: 'TURN_FAILED', url: 'turn:turn.example.com', errorCode: 401 }]);
    expect(failures[0]?.message).toBe(
      'No relay (TURN server) takes this device. turn:turn.example.com: Unauthorized (401). ' +
        'Compare the secrets and clocks of the relay and of who gave the credential.',
    );
  });

  it('is told once for each credential, however many connections try', () => {
    const renewed = [...turn];
    for (const servers of [turn, turn, renewed, renewed]) {
      const connection = watched(servers);
      connection.fail('turn:turn.example.com');
      connection.complete();
      connection.complete();
    }
    expect(failures.length).toBe(2);
  });
});

describe('nothing is told of', () => {
  it('a relay that one network does not reach, where another does', () => {
    const connection = watched();
    connection.fail('turn:turn.example.com', 701, '');
    connection.complete('a=candidate:1 1 udp 1 203.0.113.5 9 typ relay raddr 0.0.0.0 rport 0');
    expect(failures).toEqual([]);
  });

  it('a STUN server that does not answer', () => {
    const connection = watched();
    connection.fail('stun:stun.example.com', 701, '');
    connection.complete();
    expect(failures).toEqual([]);
  });

  it('relays that were not tried, as a direct way was there first', () => {
    watched().complete();
    expect(failures).toEqual([]);
  });

  it('connections without relays, which are not even listened to', () => {
    expect(watched([{ urls: 'stun:stun.example.com' }]).listens).toBe(false);
  });
});
