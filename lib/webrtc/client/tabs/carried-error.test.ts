import {
  CredentialError,
  type InnmeshError,
  InvalidMessageError,
  MessageTooLargeError,
  NotEntitledError,
} from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import * as errors from '../errors.ts';
import { carriedClasses, carryError, rebuildError } from './carried-error.ts';

const samples: InnmeshError[] = [
  new InvalidMessageError('order.total', 'must be a number.'),
  new MessageTooLargeError(2, 1),
  new errors.SignalingUnreachableError([{ url: 'ws://a', reason: 'full', closeCode: 4406 }]),
  new errors.SignalingRefusedError('ws://a', 4409, 'elsewhere'),
  new errors.SignalingLostError('ws://a', 'gone'),
  new errors.NotConnectedError('send()'),
  new errors.UnknownPeerError('peer'),
  new errors.OutboxFullError(1, 2),
  new errors.DeliveryError('order', 'expired'),
  new errors.PeerMessageError('peer', new InvalidMessageError('type', 'is unknown.')),
  new errors.LinkError('peer', 'it broke.'),
  new errors.TurnError('turn:a', 401, 'Unauthorized'),
  new CredentialError('expired', 'its time is over'),
  new NotEntitledError('A guest may not print.'),
  new errors.StorageFullError(),
  new errors.StorageTakenOverError(),
  new errors.TabSharingError('no answer.', { cause: new Error('404') }),
];

const carried = (error: unknown) => rebuildError(structuredClone(carryError(error)));

describe('an error between tabs', () => {
  it.each(samples.map((sample) => [sample.name, sample] as const))('keeps its class and fields: %s', (_, sample) => {
    const rebuilt = carried(sample);
    expect(rebuilt).toBeInstanceOf(sample.constructor);
    expect({ ...rebuilt }).toEqual({ ...sample });
    expect([rebuilt.message, rebuilt.name, String(rebuilt)]).toEqual([sample.message, sample.name, String(sample)]);
    expect((rebuilt as InnmeshError).shouldRetry()).toBe(sample.shouldRetry());
    expect((rebuilt.cause as Error | undefined)?.message).toBe((sample.cause as Error | undefined)?.message);
  });

  it('is known of every class that a session throws or reports', () => {
    // A handler's error is of the tab that the handler is in.
    const classes = Object.values(errors).filter((value) => value !== errors.HandlerError);
    expect(samples.map(({ code }) => code)).toEqual(Object.keys(carriedClasses));
    expect(classes.filter((value) => !Object.values(carriedClasses).includes(value))).toEqual([]);
  });

  it('crosses also where it is none of ours, or cannot be cloned', () => {
    expect(carried(new TypeError('broken'))).toMatchObject({ name: 'TypeError', message: 'broken' });
    const cause = { callback: () => {} };
    expect(carried(new Error('odd', { cause })).cause).toBeInstanceOf(Error);
    expect(carried('text').message).toBe('text');
  });
});
