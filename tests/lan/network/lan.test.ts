import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../../support/program.ts';
import { run } from './command.ts';
import type { Host } from './host.ts';
import { createLan, type Lan } from './lan.ts';
import { removeLeftovers } from './ownership.ts';
import { whyNoLan } from './requirements.ts';

const reason = await whyNoLan();
if (reason) console.log(`Not tested, the LAN lab: ${reason}`);

const namespaces = () => run('ip', 'netns', 'list');

describe.skipIf(reason)('a hotel’s network on one machine', () => {
  let lan: Lan;
  let kitchen: Host;
  let till: Host;

  beforeAll(async () => {
    lan = await createLan();
    kitchen = await lan.host('kitchen');
    till = await lan.host('till');
  });

  afterAll(() => lan?.close());

  it('has hosts that reach each other until a cable is pulled, and again when it is back', async () => {
    expect(await kitchen.reaches(till.address)).toBe(true);
    await kitchen.unplug();
    expect(await kitchen.reaches(till.address)).toBe(false);
    await kitchen.plugIn();
    expect(await kitchen.reaches(till.address)).toBe(true);
  });

  it('gives a host that moves to another access point a new address, and takes the old one', async () => {
    const before = till.address;
    await till.moveTo(await lan.house.accessPoint());
    expect(till.address).not.toBe(before);
    expect(await kitchen.reaches(till.address)).toBe(true);
    expect(await kitchen.reaches(before)).toBe(false);
    const annex = await lan.segment('annex');
    await till.moveTo(annex.main);
    expect(await kitchen.reaches(till.address)).toBe(true);
    await till.moveTo(lan.house.main);
    expect(await kitchen.reaches(till.address)).toBe(true);
  });

  it('keeps isolated hosts from each other, and from nobody else', async () => {
    const server = await lan.host('server');
    await lan.isolate(kitchen, till);
    expect(await kitchen.reaches(till.address)).toBe(false);
    expect(await kitchen.reaches(server.address)).toBe(true);
    expect(await till.reaches(server.address)).toBe(true);
    await lan.reunite(kitchen, till);
    expect(await kitchen.reaches(till.address)).toBe(true);
  });

  it('loses what comes to a host, by chance', async () => {
    await kitchen.lose(1);
    expect(await kitchen.reaches(till.address)).toBe(false);
    await kitchen.lose(0);
    expect(await kitchen.reaches(till.address)).toBe(true);
  });

  it('is as slow as it is told to be', async () => {
    const longBytes = 40_000;
    expect(await kitchen.reaches(till.address, longBytes)).toBe(true);
    await kitchen.limitRate(64);
    expect(await kitchen.reaches(till.address)).toBe(true);
    expect(await kitchen.reaches(till.address, longBytes)).toBe(false);
    await kitchen.limitRate(1_000_000);
    expect(await kitchen.reaches(till.address, longBytes)).toBe(true);
  });

  it('has hosts that sleep and wake up', async () => {
    const echo = till.namespace.spawn('cat', [], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(echo, 'spawn');
    await till.sleep();
    let hasAnswered = false;
    const answered = once(echo.stdout as NodeJS.ReadableStream, 'data').then(() => {
      hasAnswered = true;
    });
    echo.stdin?.end('?');
    await kitchen.reaches(till.address); // its network answers, and some time passes
    expect(hasAnswered).toBe(false);
    await till.wakeUp();
    await answered;
  });

  it('goes on without the internet', async () => {
    const cloud = await lan.host('cloud', lan.internet.main);
    expect(await kitchen.reaches(cloud.address)).toBe(true);
    await lan.house.cutInternet();
    expect(await kitchen.reaches(cloud.address)).toBe(false);
    expect(await kitchen.reaches(till.address)).toBe(true);
    await lan.house.restoreInternet();
    expect(await kitchen.reaches(cloud.address)).toBe(true);
  });

  it('hides those behind NAT from those who did not ask', async () => {
    const wing = await lan.segment('wing', 'symmetric');
    const room = await lan.host('room', wing.main);
    const cloud = await lan.host('cloud-2', lan.internet.main);
    expect(await room.reaches(cloud.address)).toBe(true);
    expect(await cloud.reaches(room.address)).toBe(false);
    expect(await kitchen.reaches(room.address)).toBe(false);
  });

  it('lets two run at once, with the same addresses', async () => {
    const other = await createLan();
    const host = await other.host('kitchen');
    expect(host.address).toBe('10.77.1.2');
    expect(await host.reaches(till.address)).toBe(false);
    other.close();
    expect(await kitchen.reaches(till.address)).toBe(true);
  });

  it('leaves nothing behind, nor does a run that is killed, once the next one has begun', async () => {
    const killed = runProgram('tests/lan/network/idle-lan.ts', {});
    const [, prefix = ''] = await killed.printed(/made (\S+)/);
    expect(await namespaces()).toContain(prefix);
    killed.signal('SIGKILL');
    await killed.exited;
    removeLeftovers();
    expect(await namespaces()).not.toContain(prefix);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(prefix))).toEqual([]);
  });

  it('is gone when its process ends, or is interrupted', async () => {
    const interrupted = runProgram('tests/lan/network/idle-lan.ts', {});
    const [, prefix = ''] = await interrupted.printed(/made (\S+)/);
    interrupted.signal('SIGINT');
    await interrupted.exited;
    expect(await namespaces()).not.toContain(prefix);
  });

  it('takes the processes in it along', async () => {
    const other = await createLan();
    const host = await other.host('kitchen');
    const process = host.namespace.spawn('sleep', ['600']);
    await once(process, 'spawn');
    const ended = once(process, 'exit');
    other.close();
    await ended;
    expect(existsSync(join(other.folder))).toBe(false);
  });
});
