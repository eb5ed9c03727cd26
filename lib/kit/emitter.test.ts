import { describe, expect, it, vi } from 'vitest';
import { Emitter, NotTakenError } from './emitter.ts';

interface Events {
  ring(times: number): void;
  stop(): void;
}

function emitterWithErrors() {
  const errors: [unknown, keyof Events][] = [];
  const emitter = new Emitter<Events>((error, event) => errors.push([error, event]));
  return { emitter, errors };
}

describe('Emitter', () => {
  it('calls the handlers of an event with its arguments, in the order in which they were added', () => {
    const { emitter } = emitterWithErrors();
    const calls: string[] = [];
    emitter.on('ring', (times) => calls.push(`first ${times}`));
    emitter.on('ring', (times) => calls.push(`second ${times}`));
    emitter.on('stop', () => calls.push('stop'));
    emitter.emit('ring', 3);
    expect(calls).toEqual(['first 3', 'second 3']);
  });

  it('keeps one handler that was added twice once', () => {
    const { emitter } = emitterWithErrors();
    const handler = vi.fn();
    emitter.on('stop', handler);
    emitter.on('stop', handler);
    emitter.emit('stop');
    expect(handler).toHaveBeenCalledTimes(1);
  });

  it('calls the others when one handler throws, and hands its error to the hook', () => {
    const { emitter, errors } = emitterWithErrors();
    const failure = new Error('broken');
    const after = vi.fn();
    emitter.on('ring', () => {
      throw failure;
    });
    emitter.on('ring', after);
    emitter.emit('ring', 1);
    expect(after).toHaveBeenCalledWith(1);
    expect(errors).toEqual([[failure, 'ring']]);
  });

  it('hands the rejection of an asynchronous handler to the hook', async () => {
    const { emitter, errors } = emitterWithErrors();
    const failure = new Error('broken later');
    const rejection = Promise.reject(failure);
    emitter.on('ring', () => rejection);
    emitter.emit('ring', 1);
    await rejection.catch(() => {});
    expect(errors).toEqual([[failure, 'ring']]);
  });

  it('does not call a handler any more that an earlier one took off during the same event', () => {
    const { emitter } = emitterWithErrors();
    const late = vi.fn();
    emitter.on('ring', () => emitter.off('ring', late));
    emitter.on('ring', late);
    emitter.emit('ring', 1);
    expect(late).not.toHaveBeenCalled();
  });

  it('lets a handler take itself off without skipping the next', () => {
    const { emitter } = emitterWithErrors();
    const next = vi.fn();
    const once = vi.fn(() => emitter.off('ring', once));
    emitter.on('ring', once);
    emitter.on('ring', next);
    emitter.emit('ring', 1);
    emitter.emit('ring', 2);
    expect(once).toHaveBeenCalledTimes(1);
    expect(next).toHaveBeenCalledTimes(2);
  });

  it('calls a handler that was added during an event from the next event on', () => {
    const { emitter } = emitterWithErrors();
    const added = vi.fn();
    emitter.on('stop', () => emitter.on('stop', added));
    emitter.emit('stop');
    expect(added).not.toHaveBeenCalled();
    emitter.emit('stop');
    expect(added).toHaveBeenCalledTimes(1);
  });

  it('knows whether anyone listens', () => {
    const { emitter } = emitterWithErrors();
    const handler = () => {};
    expect(emitter.has('ring')).toBe(false);
    emitter.on('ring', handler);
    expect(emitter.has('ring')).toBe(true);
    emitter.off('ring', handler);
    expect(emitter.has('ring')).toBe(false);
  });
});

describe('what must not be lost on anybody', () => {
  const failing = (fails: () => boolean) =>
    vi.fn(() => {
      if (fails()) throw new Error('no paper');
    });

  it('is given to each handler until that has taken it, and to none of them twice', () => {
    const { emitter, errors } = emitterWithErrors();
    let isBroken = true;
    const [printer, log] = [failing(() => isBroken), vi.fn()];
    emitter.on('ring', printer);
    emitter.on('ring', log);
    let taken: ReadonlySet<unknown> | undefined;
    try {
      emitter.handOver('ring', taken, 1);
    } catch (error) {
      expect(error).toMatchObject({ cause: { message: 'no paper' } });
      taken = (error as NotTakenError).taken;
    }
    expect(taken).toEqual(new Set([log]));
    isBroken = false;
    expect(emitter.handOver('ring', taken, 1)).toBeUndefined();
    expect([printer.mock.calls.length, log.mock.calls.length, errors]).toEqual([2, 1, []]);
  });

  it('is taken when every promise has resolved, and not where one rejects', async () => {
    const { emitter } = emitterWithErrors();
    const { promise, reject } = Promise.withResolvers<void>();
    const [slow, quick] = [vi.fn(() => promise), vi.fn(async () => {})];
    emitter.on('ring', slow);
    emitter.on('ring', quick);
    const outcome = emitter.handOver('ring', undefined, 1);
    reject(new Error('no paper'));
    await expect(outcome).rejects.toBeInstanceOf(NotTakenError);
    await expect(outcome).rejects.toMatchObject({ taken: new Set([quick]) });
  });
});
