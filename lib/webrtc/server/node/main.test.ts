import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../../../..');
const bin = (name: string) => join(root, 'node_modules/.bin', name);

interface Program {
  child: ChildProcess;
  output(): string;
  /** Resolves once the output matches; rejects if the program ends first. */
  said(pattern: RegExp): Promise<void>;
  ended: Promise<[code: number | null, signal: string | null]>;
}

function run(command: string, env: Record<string, string>): Program {
  const child = spawn(bin(command), ['lib/webrtc/signaling-server.ts'], {
    cwd: root,
    env: { ...process.env, PATH: `${bin('')}:${process.env.PATH}`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  const ended = once(child, 'close') as Program['ended'];
  const said = (pattern: RegExp) =>
    new Promise<void>((resolve, reject) => {
      const look = () => pattern.test(text) && resolve();
      for (const stream of [child.stdout, child.stderr]) stream?.on('data', look);
      ended.then(() => reject(new Error(`The program ended and said: ${text}`)));
      look();
    });
  return { child, output: () => text, said, ended };
}

describe.each(['node', 'tsx'])('%s lib/webrtc/signaling-server.ts', (command) => {
  it('says loudly that it is in development mode, and ends with 0 on SIGTERM', async () => {
    const program = run(command, { PORT: '0', HOST: '127.0.0.1' });
    await program.said(/Signaling server on ws:\/\/127\.0\.0\.1:\d+ /);
    expect(program.output()).toContain('DEVELOPMENT MODE: any device may join any tenant.');
    const port = /ws:\/\/127\.0\.0\.1:(\d+)/.exec(program.output())?.[1];
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    program.child.kill('SIGTERM');
    expect(await program.ended).toEqual([0, null]);
    expect(program.output()).toContain('Stopping.');
  });
});

it('a program that has no time yet keeps 2,000 devices waiting, rather than have them dial anew', async () => {
  const program = run('node', { PORT: '0', HOST: '127.0.0.1' });
  await program.said(/Signaling server on/);
  const port = Number(/ws:\/\/127\.0\.0\.1:(\d+)/.exec(program.output())?.[1]);
  program.child.kill('SIGSTOP');
  const sockets = Array.from({ length: 2_000 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  // One that does not fit in would be tried again by the operating system, and again in vain.
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
});

it('a program that checks its devices does not speak of development', async () => {
  const program = run('node', { PORT: '0', HOST: '127.0.0.1', INNMESH_SHARED_SECRET: 'x'.repeat(32) });
  await program.said(/Signaling server on/);
  expect(program.output()).not.toContain('DEVELOPMENT');
});

describe('a program that cannot start', () => {
  it('says in one line that its port is taken, and ends with 1', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    const program = run('node', { PORT: String(port), HOST: '127.0.0.1' });
    expect(await program.ended).toEqual([1, null]);
    expect(program.output()).toBe(
      `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1}.\n`,
    );
  });

  it('says that it checks nobody, where NODE_ENV is production', async () => {
    const program = run('node', { PORT: '0', NODE_ENV: 'production' });
    expect(await program.ended).toEqual([1, null]);
    expect(program.output()).toMatch(/^Invalid configuration: "auth" is missing, and NODE_ENV=production: .*\n$/);
  });

  it.each(['eighty', '-1', '65536', '80.5'])('says that PORT=%s is no port', async (PORT) => {
    const program = run('node', { PORT });
    expect(await program.ended).toEqual([1, null]);
    expect(program.output()).toContain('"port" must be a whole number from 0 to 65535, not ');
  });
});
