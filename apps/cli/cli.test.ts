import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../tests/support/program.ts';
import { startStunServer } from '../../tests/support/stun-server.ts';

let server: SignalingServer;
let stun: Awaited<ReturnType<typeof startStunServer>>;

beforeEach(async () => {
  server = await createSignalingServer({ port: 0, host: '127.0.0.1' });
  stun = await startStunServer();
});

afterEach(async () => {
  stun.close();
  await server.close();
});

async function run(...args: string[]) {
  const program = runProgram('apps/cli/main.ts', { NO_COLOR: '1' }, args);
  return { code: await program.exited, output: program.output() };
}

describe('innmesh diagnose', () => {
  it('reports that all is well, in lines that fit a terminal', async () => {
    const { code, output } = await run('diagnose', '--server', server.url, '--stun', `stun:${stun.host}`);
    expect(output).toMatch(/^All is well/);
    expect(output).toContain(`  ✓ The hotel’s server\n    The server ${server.url} answers`);
    expect(Math.max(...output.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
    expect(code).toBe(0);
  });

  it('ends with 1 where something failed, and says what to do', async () => {
    const { code, output } = await run('diagnose', '--server', 'ws://127.0.0.1:9', '--stun', `stun:${stun.host}`);
    expect(output).toMatch(/^There is trouble between this device and the hotel’s server\./);
    expect(output).toMatch(/ {2}✗ The hotel’s server\n[^→]*→ Is this device on the hotel’s WiFi/);
    expect(code).toBe(1);
  });

  it('prints JSON for programs', async () => {
    const turn = ['--turn', `turn:${stun.host}`, '--username', 'maria', '--credential', 'wrong'];
    const { code, output } = await run('diagnose', '--json', '--server', server.url, ...turn);
    const { verdict, checks } = JSON.parse(output);
    expect(verdict).toBe('failed');
    expect(checks).toContainEqual(expect.objectContaining({ name: 'turn', verdict: 'failed' }));
    expect(checks).toContainEqual(expect.objectContaining({ name: 'signaling', verdict: 'ok' }));
    expect(code).toBe(1);
  });

  it.each([
    [['diagnose', '--server', 'http://signaling.local'], '--server "http://signaling.local" is no such address'],
    [['diagnose', '--server', 'ws://'], 'ws://signaling.local:8080'],
    [['diagnose', '--stun', 'stun.example.com'], 'stun:stun.example.com:3478'],
    [['diagnose', '--turn', 'turn:a', '--username', 'maria'], '--turn needs --username and --credential'],
    [['diagnose', '--credential', 'x'], '--turn, which is missing'],
    [['diagnose', '--server', 'ws://h:1/#x'], '"ws://h:1/#x"'],
    [['diagnose', '--stun', 'stun:a:99999'], '"stun:a:99999"'],
    [['diagnose', '--turn', 'turn:a', '--username', '', '--credential', 'x'], '"username" too'],
    [['diagnose', '--bogus'], "Unknown option '--bogus'"],
    [['cure'], 'There is no command "cure"'],
    [[], 'Usage: innmesh diagnose'],
  ])('ends with 2 for %j, and says how it is meant', async (args, words) => {
    const { code, output } = await run(...args);
    expect(output).toContain(words);
    expect(output).not.toContain('    at ');
    expect(code).toBe(2);
  });

  it('explains itself', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, output: expect.stringContaining('Exit code: 0') });
    expect((await run('diagnose', '--help')).code).toBe(0);
  });
});
