import { ManualClock } from '@innmesh/kit';
import { describe, expect, it } from 'vitest';
import { SignalingCore } from './signaling-core.ts';
import { answerTo, candidateFor, type FakeDevice, joined, offerTo } from './test-support/fake-device.ts';

/** Tenant A with forty devices, ten of which have left. */
function fullRoom(core: SignalingCore): FakeDevice[] {
  const devices = Array.from({ length: 40 }, (_, index) => joined(core, { tenantId: 'hotel-a', name: `a${index}` }));
  for (const device of devices.filter((_, index) => index % 4 === 0)) device.hangUp();
  const present = devices.filter((_, index) => index % 4 !== 0);
  for (const device of present) device.heard();
  return present;
}

describe('a tenant', () => {
  it("cannot reach another's devices: every slot number is unreachable, and nothing arrives [J14]", () => {
    const core = new SignalingCore({}, { clock: new ManualClock() });
    const tenantA = fullRoom(core);
    const intruder = joined(core, { tenantId: 'hotel-b', name: 'intruder' });
    for (let slot = 0; slot <= 50; slot++) {
      intruder.say(offerTo(slot));
      intruder.say(answerTo(slot));
      intruder.say(candidateFor(slot));
      expect(intruder.heard()).toEqual(new Array(3).fill({ type: 'unreachable', slot }));
    }
    for (const device of tenantA) expect(device.heard()).toEqual([]);
    expect(intruder.ending).toBeNull();
  });

  it('does not learn from the answer whether the slot exists elsewhere [J13]', () => {
    const core = new SignalingCore({}, { clock: new ManualClock() });
    const intruder = joined(core, { tenantId: 'hotel-b', name: 'intruder' });
    intruder.say(offerTo(7));
    const before = intruder.heard();
    fullRoom(core);
    intruder.say(offerTo(7));
    expect(intruder.heard()).toEqual(before);
  });

  it("hears nothing of another's comings and goings, nor takes over its devices", () => {
    const core = new SignalingCore({}, { clock: new ManualClock() });
    const tenantA = fullRoom(core);
    const intruders = ['a1', 'a2', 'other'].map((name) => joined(core, { tenantId: 'hotel-b', name }));
    intruders[0]?.hangUp();
    for (const device of tenantA) expect([device.ending, device.heard()]).toEqual([null, []]);
  });

  it.each(['Hotel-A', 'hotel-a ', 'hotel-á', '__proto__', 'hotel-a\u0000'])(
    'called %j is not "hotel-a"',
    (tenantId) => {
      const core = new SignalingCore({}, { clock: new ManualClock() });
      const tenantA = fullRoom(core);
      const intruder = joined(core, { tenantId, name: 'intruder' });
      expect(intruder.slot).toBe(0);
      for (const device of tenantA) expect(device.heard()).toEqual([]);
    },
  );
});
