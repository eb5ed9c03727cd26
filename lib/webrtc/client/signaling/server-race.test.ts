import { closeCodes, decodeForServer } from '@innmesh/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { SignalingLab, settled } from './test-support/signaling-lab.ts';

/* What happens among several servers until one has let the device in. */

let lab: SignalingLab;

beforeEach(() => {
  lab = new SignalingLab();
});

const urls = ['ws://local', 'ws://hub', 'ws://cloud'];
const dialled = () => lab.sockets.map(({ url }) => url);
const hasJoined = (url: string) => lab.to(url).heard.some((frame) => decodeForServer(frame).type === 'join');

describe('of several servers', () => {
  it('each has 300 ms before the next one is asked as well', async () => {
    const client = lab.client({ urls });
    client.join().catch(() => {});
    lab.clock.advance(299);
    expect(dialled()).toEqual(['ws://local']);
    lab.clock.advance(1);
    expect(lab.open).toEqual(['ws://local', 'ws://hub']);
    lab.clock.advance(300);
    expect(lab.open).toEqual(urls);
    client.stop();
  });

  it('the next one is asked at once when all before it have failed, and not when only some have', async () => {
    const client = lab.client({ urls });
    client.join().catch(() => {});
    lab.clock.advance(300);
    lab.to('ws://hub').onerror();
    expect(dialled()).toEqual(['ws://local', 'ws://hub']);
    lab.to('ws://local').onerror();
    expect(dialled()).toEqual(urls);
    client.stop();
  });

  it('a dead one costs 300 ms, and is given up when another lets the device in', async () => {
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    lab.clock.advance(300);
    lab.to('ws://cloud').welcome();
    await joining;
    expect([lab.open, lab.events]).toEqual([['ws://cloud'], ['joined']]);
  });

  it('one is joined and the others wait, so that no room sees the device come and go', async () => {
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    lab.clock.advance(300);
    lab.to('ws://local').challenge();
    lab.to('ws://cloud').challenge();
    await settled();
    expect([hasJoined('ws://local'), hasJoined('ws://cloud')]).toEqual([true, false]);
    lab.to('ws://local').welcome();
    await joining;
    await settled();
    expect([lab.open, hasJoined('ws://cloud')]).toEqual([['ws://local'], false]);
  });

  it('the best of those that wait is joined when the one before it fails, with an offer that nobody has', async () => {
    const joining = lab.client({ urls }).join();
    lab.clock.advance(600);
    for (const url of urls) lab.to(url).challenge();
    lab.to('ws://local').end(closeCodes.roomFull, 'full');
    await settled();
    expect([hasJoined('ws://hub'), hasJoined('ws://cloud'), lab.reached]).toEqual([true, false, [1, 3]]);
    lab.to('ws://hub').welcome();
    await joining;
  });

  it('one that takes a join and does not answer for 2 s is given up when another waits', async () => {
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    lab.to('ws://local').challenge();
    lab.clock.advance(1_000);
    lab.to('ws://cloud').challenge();
    lab.clock.advance(999);
    await settled();
    expect([lab.open, hasJoined('ws://cloud')]).toEqual([['ws://local', 'ws://cloud'], false]);
    lab.clock.advance(1);
    await settled();
    expect([lab.open, hasJoined('ws://cloud')]).toEqual([['ws://cloud'], true]);
    lab.to('ws://cloud').welcome();
    await joining;
  });

  it('one that takes a join may take its 5 s where no other answers', async () => {
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    lab.to('ws://local').challenge();
    lab.clock.advance(4_999);
    lab.to('ws://local').welcome();
    await joining;
    expect(lab.open).toEqual(['ws://local']);
  });

  it('one that refuses the credential is asked again with another, once, while the others go on', async () => {
    lab.hasAnother = true;
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    const refuse = async () => {
      lab.last.challenge();
      lab.last.end(closeCodes.unauthorized, 'expired: its time is over');
      await settled();
    };
    await refuse();
    expect(dialled()).toEqual(['ws://local', 'ws://local']);
    await refuse();
    expect(dialled()).toEqual(['ws://local', 'ws://local', 'ws://cloud']);
    lab.last.welcome();
    await joining;
    expect([lab.refusals, lab.clock.pendingTimers]).toEqual([['expired'], 2]);
  });

  it('the others are asked with the credential that one refused, when no other can be had', async () => {
    lab.hasAnother = true;
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    lab.failing = new Error('no network');
    lab.to('ws://local').end(closeCodes.unauthorized, 'expired: its time is over');
    await settled();
    expect(lab.open).toEqual(['ws://cloud']);
    lab.to('ws://cloud').welcome();
    await joining;
  });

  it('why no other credential could be had is what one learns when all have refused', async () => {
    lab.hasAnother = true;
    const joining = lab.client({ urls: ['ws://local', 'ws://cloud'] }).join();
    lab.failing = new Error('no network');
    joining.catch(() => {});
    for (const url of ['ws://local', 'ws://cloud']) {
      lab.to(url).end(closeCodes.unauthorized, 'expired: its time is over');
      await settled();
    }
    await expect(joining).rejects.toThrow('no network');
    expect([lab.sockets.length, lab.open, lab.clock.pendingTimers]).toEqual([2, [], 0]);
  });

  it('none is asked, and nobody waits, when the device stops before it has a credential', async () => {
    lab.waiting = new Promise(() => {});
    const client = lab.client({ urls });
    const joining = client.join();
    client.stop();
    await expect(joining).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    expect([lab.sockets, lab.clock.pendingTimers]).toEqual([[], 0]);
  });

  it('none is left open, nor a timer, when the device stops in the middle', async () => {
    const client = lab.client({ urls });
    const joining = client.join();
    lab.clock.advance(600);
    lab.to('ws://local').challenge();
    lab.to('ws://hub').challenge();
    client.stop();
    await expect(joining).rejects.toMatchObject({ code: 'NOT_CONNECTED' });
    expect([lab.open, lab.clock.pendingTimers]).toEqual([[], 0]);
  });
});
