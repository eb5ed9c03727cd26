import { expect, it } from 'vitest';
import { takeDeviceName } from './device-name.ts';

it('gives each object of a page the lowest number that is free [K6]', () => {
  const taken = new Set<string>();
  const [first, second] = [takeDeviceName('desk', taken), takeDeviceName('desk', taken)];
  expect([first.name, second.name, takeDeviceName('bar', taken).name]).toEqual(['desk#1', 'desk#2', 'bar#1']);
  first.release();
  expect(takeDeviceName('desk', taken).name).toBe('desk#1');
});

it('gives an object that comes back the one that it had, unless another has it', () => {
  const taken = new Set<string>();
  const [first, second] = [takeDeviceName('desk', taken), takeDeviceName('desk', taken)];
  first.release();
  second.release();
  expect(takeDeviceName('desk', taken, second.name).name).toBe('desk#2');
  expect(takeDeviceName('desk', taken, second.name).name).toBe('desk#1');
  expect(takeDeviceName('desk', taken, second.name).name).toBe('desk#3');
});
