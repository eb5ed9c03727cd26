import { ManualClock } from '@innmesh/kit';
import { closeCodes } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { readOptions } from '../options.ts';
import type { Remote } from '../remote.ts';
import { anywhere } from '../remote.ts';
import type { Allowance } from './allowance.ts';
import { JoinGate } from './join-gate.ts';
import type { LimitOptions } from './limit-options.ts';

let clock: ManualClock;

const gateWith = (limits: LimitOptions = {}) => new JoinGate(readOptions({ limits }).limits, clock);

/** The allowance, or the kind of the refusal. */
function admit(gate: JoinGate, peerId: string, tenantId = 'hotel', remote = anywhere): Allowance | string {
  const admission = gate.admit({ tenantId, peerId, remote });
  return admission.admitted ? admission.allowance : admission.refusal.kind;
}

function admitted(gate: JoinGate, peerId: string, tenantId?: string, remote?: Remote): Allowance {
  const allowance = admit(gate, peerId, tenantId, remote);
  if (typeof allowance === 'string') throw new Error(`Refused: ${allowance}`);
  return allowance;
}

/** How many frames pass before the first refusal, and its kind. */
function flood(allowance: Allowance, sizeBytes: number): [number, string] {
  for (let frames = 0; ; frames++) {
    const refusal = allowance.take(sizeBytes);
    if (refusal) return [frames, refusal.kind];
  }
}

beforeEach(() => {
  clock = new ManualClock();
});

describe('a tenant', () => {
  it('of 500 devices is back at once after a power cut, and makes all of its links', () => {
    const gate = gateWith();
    let refused = 0;
    for (let device = 0; device < 500; device++) {
      const allowance = admitted(gate, `p${device}`);
      for (let frame = 0; frame < 500 * 6; frame++) if (allowance.take(500)) refused += 1;
    }
    expect(refused).toBe(0);
  });

  it('has so many devices at once, one that leaves makes room, and one that takes over needs none', () => {
    const gate = gateWith({ tenant: { devices: 2 } });
    const first = admitted(gate, 'a');
    admitted(gate, 'b');
    expect(admit(gate, 'c')).toBe('room_full');
    admitted(gate, 'b');
    admitted(gate, 'c', 'elsewhere');
    first.release();
    expect(admit(gate, 'c')).toBe('room_full');
  });

  it('says so with a code of its own, as waiting helps', () => {
    const gate = gateWith({ tenant: { devices: 1 } });
    admitted(gate, 'a');
    const admission = gate.admit({ tenantId: 'hotel', peerId: 'b', remote: anywhere });
    expect(admission).toMatchObject({
      refusal: { code: closeCodes.roomFull, reason: 'The room is full: 1 devices.' },
    });
  });

  it('joins so many in a time, and does not keep others from joining', () => {
    const gate = gateWith({ tenant: { joins: { burst: 3, perSecond: 1 } } });
    const joins = Array.from({ length: 4 }, (_, device) => admit(gate, `p${device}`));
    expect(joins.map((join) => (typeof join === 'string' ? join : 'in'))).toEqual(['in', 'in', 'in', 'tenant_joins']);
    admitted(gate, 'p', 'elsewhere');
    clock.advance(1_000);
    admitted(gate, 'p3');
  });

  it('sends so many frames and bytes in all, whichever device sends them', () => {
    const frames = gateWith({ tenant: { frames: { burst: 100, perSecond: 1 } } });
    const [a, b] = [admitted(frames, 'a'), admitted(frames, 'b')];
    for (let frame = 0; frame < 60; frame++) a.take(10);
    expect([flood(b, 10), flood(a, 10)]).toEqual([
      [40, 'tenant_frames'],
      [0, 'tenant_frames'],
    ]);
    expect(flood(admitted(frames, 'a', 'elsewhere'), 10)[0]).toBe(100);
    const bytes = gateWith({ tenant: { bytes: { burst: 50_000, perSecond: 1 } } });
    expect(flood(admitted(bytes, 'a'), 10_000)).toEqual([5, 'tenant_bytes']);
  });
});

describe('a device', () => {
  it('sends so many frames and bytes, and gets no more by coming back', () => {
    const limits = { device: { frames: { burst: 10, perSecond: 1 }, bytes: { burst: 20_000, perSecond: 1 } } };
    const gate = gateWith(limits);
    const before = admitted(gate, 'a');
    expect(flood(before, 1)).toEqual([10, 'device_frames']);
    before.release();
    expect(flood(admitted(gate, 'a'), 1)).toEqual([0, 'device_frames']);
    expect(flood(admitted(gate, 'b'), 5_000)).toEqual([4, 'device_bytes']);
  });

  it('joins so many times, and its neighbours may all the same', () => {
    const gate = gateWith({ device: { joins: { burst: 2, perSecond: 0.5 } } });
    for (let join = 0; join < 2; join++) admitted(gate, 'a').release();
    expect(admit(gate, 'a')).toBe('device_joins');
    admitted(gate, 'b');
    clock.advance(2_000);
    admitted(gate, 'a');
  });

  it('is not taken for another whose tenant and id read the same when put together', () => {
    const gate = gateWith({ device: { joins: { burst: 1, perSecond: 0.001 } } });
    admitted(gate, 'bc', 'a');
    admitted(gate, 'c', 'ab');
  });

  it('that joined from an address may try from there though a neighbour guesses, and a stranger may not', () => {
    const gate = gateWith();
    const guessing = { ...anywhere, key: '203.0.113.7', mayTryJoin: () => false };
    admitted(gate, 'known', 'hotel', { ...guessing, mayTryJoin: () => true }).release();
    const tries = (peerId: string, remote: Remote = guessing) =>
      gate.refuseToTry({ tenantId: 'hotel', peerId, remote })?.kind ?? 'may try';
    expect([tries('known'), tries('stranger'), tries('known', { ...guessing, key: '198.51.100.1' })]).toEqual([
      'may try',
      'address_failed_joins',
      'address_failed_joins',
    ]);
    expect(tries('stranger', anywhere)).toBe('may try');
  });
});
