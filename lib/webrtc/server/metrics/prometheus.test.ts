import { ManualClock } from '@innmesh/kit';
import { describe, expect, it } from 'vitest';
import { refusalKinds } from '../refusals.ts';
import { SignalingCore } from '../signaling-core.ts';
import { FakeDevice, joined, offerTo } from '../test-support/fake-device.ts';
import { prometheusMetrics } from './prometheus.ts';

function measuredCore() {
  const clock = new ManualClock();
  const metrics = prometheusMetrics(() => core.stats());
  const core = new SignalingCore({}, { clock, metrics, refused: (_, __, kind) => metrics.refused(kind) });
  const value = async (series: string) => {
    const line = (await metrics.expose()).split('\n').find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return { clock, core, metrics, value };
}

describe('the metrics', () => {
  it('count devices, rooms, sockets, joins and how long they took', async () => {
    const { clock, core, value } = measuredCore();
    joined(core, { name: 'a' });
    const slow = new FakeDevice(core);
    clock.advance(300);
    slow.join({ name: 'b', tenantId: 'other' });
    new FakeDevice(core);
    const names = ['innmesh_sockets', 'innmesh_devices', 'innmesh_rooms', 'innmesh_joins_total'];
    expect(await Promise.all(names.map(value))).toEqual([3, 2, 2, 2]);
    const upTo = (seconds: number) => value(`innmesh_join_duration_seconds_bucket{le="${seconds}"}`);
    expect([await upTo(0.25), await upTo(0.5)]).toEqual([1, 2]);
  });

  it('count what is handed on, and not what is not', async () => {
    const { core, value } = measuredCore();
    const [a, b] = [joined(core, { name: 'a' }), joined(core, { name: 'b' })];
    a.say(offerTo(b.slot));
    a.say(offerTo(99));
    expect(await value('innmesh_relayed_frames_total')).toBe(1);
    expect(await value('innmesh_relayed_bytes_total')).toBeGreaterThan(5);
  });

  it('count each refusal by its kind, and lost heartbeats', async () => {
    const { clock, core, value } = measuredCore();
    joined(core);
    new FakeDevice(core).sendRaw(null);
    new FakeDevice(core);
    clock.advance(30_000);
    expect(await value('innmesh_refusals_total{reason="malformed_frame"}')).toBe(1);
    expect(await value('innmesh_refusals_total{reason="join_timeout"}')).toBe(1);
    expect(await value('innmesh_refusals_total{reason="heartbeat_lost"}')).toBe(1);
    expect(await value('innmesh_heartbeat_losses_total')).toBe(1);
  });

  it('have as many series after ten thousand tenants as before, and name none of them', async () => {
    const { core, metrics } = measuredCore();
    const before = (await metrics.expose()).split('\n').length;
    for (let index = 0; index < 10_000; index++)
      joined(core, { tenantId: `tenant${index}`, name: `device${index % 50}` });
    const after = await metrics.expose();
    expect(after.split('\n').length).toBe(before);
    expect(after).not.toMatch(/tenant\d|device\d/);
  });

  it('begin with every kind of refusal at 0, so that the first one is an increase', async () => {
    const { value } = measuredCore();
    for (const kind of refusalKinds) expect(await value(`innmesh_refusals_total{reason="${kind}"}`)).toBe(0);
  });
});
