import { expect, it } from 'vitest';
import { type Audience, isAmong, type Reader } from './audience.ts';

const till: Reader = { peerId: 'till', role: 'pos', capabilities: ['cash', 'bar'] };
const phone: Reader = { peerId: 'phone', role: 'guest', capabilities: [] };

it.each<[string, Audience, isFor: Reader[]]>([
  ['all is for everyone', { to: 'all' }, [till, phone]],
  ['devices is for those by their ids', { to: 'devices', names: ['phone', 'gone'] }, [phone]],
  ['no device is for nobody', { to: 'devices', names: [] }, []],
  ['a role is for each device that has it', { to: 'role', names: ['pos', 'hub'] }, [till]],
  [
    'the first of some roles is for any device of these, as far as readers know',
    { to: 'first', names: ['guest'] },
    [phone],
  ],
  ['a capability is for each device that has it', { to: 'capability', names: ['cash'] }, [till]],
  ['a capability is not a role, and a role not a capability', { to: 'capability', names: ['pos'] }, []],
  ['a role is not an id', { to: 'devices', names: ['pos'] }, []],
])('an entry for %s', (_, audience, isFor) => {
  expect([till, phone].filter((reader) => isAmong(reader, audience))).toEqual(isFor);
});
