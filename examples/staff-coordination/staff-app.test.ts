import { ManualClock, seededRandom } from '@innmesh/kit';
import { expect, it } from 'vitest';
import { FakeRoom } from '../shared/fake-room.ts';
import { StaffApp } from './staff-app.ts';

function house() {
  const room = new FakeRoom();
  const clock = new ManualClock(Date.parse('2026-11-23T12:00:00Z'));
  let seed = 1;
  const staff = (name: string) =>
    new StaffApp('demo-hotel', name, { createConnection: room.createConnection, clock, random: seededRandom(seed++) });
  return { room, clock, staff };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

it('a notification reaches the staff and no guest, and the sender sees who has it', async () => {
  const { room, staff } = house();
  const [desk, maid] = [staff('Front Desk'), staff('Maria')];
  const deviceInfo = { type: 'guest' as const, name: 'Table 5', capabilities: [] };
  const guest = room.createConnection({ tenantId: 'demo-hotel', signalingServers: [], deviceInfo });
  const heard: unknown[] = [];
  guest.on('message', (message) => heard.push(message.type));
  for (const device of [desk, maid, guest]) await device.connect();
  desk.notify({ title: 'Room 205 checks out late', priority: 'high' });
  await settled();
  expect(maid.log).toMatchObject([{ from: 'Front Desk', message: { notification: { priority: 'high' } } }]);
  expect(desk.log).toMatchObject([{ sentTo: 1, receivedBy: 1 }]);
  expect(heard).not.toContain('notification');
});

it('an assignment is accepted and done, and both sides see it', async () => {
  const { clock, staff } = house();
  const [desk, maid] = [staff('Front Desk'), staff('Maria')];
  for (const app of [desk, maid]) await app.connect();
  const { assignmentId } = desk.assign({ roomNumber: '205', taskType: 'clean', assignedTo: 'Maria' });
  for (const status of ['accepted', 'done'] as const) {
    clock.advance(1000);
    maid.setAssignmentStatus(assignmentId, status);
    expect(desk.assignments).toMatchObject([{ assignmentId, status }]);
  }
});

it('who comes late learns the assignments', async () => {
  const { staff } = house();
  const [desk, maid] = [staff('Front Desk'), staff('Maria')];
  await desk.connect();
  desk.assign({ roomNumber: '205', taskType: 'clean', assignedTo: 'Maria' });
  await maid.connect();
  expect(maid.assignments).toMatchObject([{ roomNumber: '205', status: 'assigned' }]);
});
