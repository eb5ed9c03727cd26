import { isAmong } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { audienceForAll } from './addressees.ts';
import { readerOf } from './test-support/streams.ts';

const [staff, display, printer, gateway, guest] = [
  readerOf('staff'),
  readerOf('display', 'kitchen-display'),
  readerOf('printer', 'printer'),
  readerOf('gateway', 'gateway'),
  readerOf('guest', 'guest'),
];
const everyone = [staff, display, printer, gateway, guest];

describe('a message that names nobody', () => {
  it.each(['order', 'notification', 'room-assignment', 'x-anything'])(
    'of type %s is for all that may have it, also for those that come later',
    (type) => {
      expect(audienceForAll(type, 'staff', [display])).toEqual({ to: 'all' });
      expect(audienceForAll(type, 'staff', [])).toEqual({ to: 'all' });
    },
  );

  it('to print goes to each printer that is there, and to nobody else', () => {
    const second = readerOf('second', 'printer');
    expect(audienceForAll('print', 'pos', [...everyone, second])).toEqual({
      to: 'devices',
      names: [printer.peerId, second.peerId],
    });
  });

  it('to print, while no printer is there, is for the first one that comes', () => {
    const audience = audienceForAll('print', 'pos', [staff, display]);
    expect(audience).toEqual({ to: 'first', names: ['printer'] });
    expect(everyone.filter((reader) => isAmong(reader, audience))).toEqual([printer]);
  });

  it('of a printer, of what became of a job, is for all', () => {
    expect(audienceForAll('print', 'printer', [staff])).toEqual({ to: 'all' });
  });

  it.each(['sync-request', 'ping', 'iot-command'])('of type %s is for those that are there', (type) => {
    const names = type === 'iot-command' ? [staff, display, gateway] : everyone;
    const present = type === 'iot-command' ? [staff, display, gateway, printer] : everyone;
    expect(audienceForAll(type, 'staff', present)).toEqual({
      to: 'devices',
      names: names.map(({ peerId }) => peerId),
    });
  });
});
