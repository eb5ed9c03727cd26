import { parseArgs } from 'node:util';

export class UsageError extends Error {}

export interface DiagnoseOptions {
  servers: string[];
  /** `undefined`: the library's own. */
  iceServers: RTCIceServer[] | undefined;
  isJson: boolean;
}

const OPTIONS = {
  server: { type: 'string', multiple: true },
  stun: { type: 'string', multiple: true },
  turn: { type: 'string', multiple: true },
  username: { type: 'string' },
  credential: { type: 'string' },
  json: { type: 'boolean' },
} as const;

/** Throws `UsageError`. */
export function readOptions(args: string[]): DiagnoseOptions {
  const { server, stun = [], turn = [], username, credential, json } = parse(args);
  if (turn.length > 0 && (username === undefined || credential === undefined)) {
    throw new UsageError('--turn needs --username and --credential.');
  }
  if (turn.length === 0 && (username !== undefined || credential !== undefined)) {
    throw new UsageError('--username and --credential are for --turn, which is missing.');
  }
  for (const url of server ?? []) expectUrl('--server', url, /^wss?:\/\/[^/?#]+/, 'ws://signaling.local:8080');
  for (const url of stun) expectUrl('--stun', url, /^stuns?:[^\s/?]+$/, 'stun:stun.example.com:3478');
  for (const url of turn) {
    expectUrl('--turn', url, /^turns?:[^\s/?]+(\?transport=(udp|tcp))?$/, 'turn:turn.example.com:3478');
  }
  const relays = turn.map((urls) => ({ urls, username, credential }) as RTCIceServer);
  const iceServers = [...stun.map((urls) => ({ urls })), ...relays];
  return {
    servers: server ?? ['ws://localhost:8080'],
    iceServers: iceServers.length > 0 ? iceServers : undefined,
    isJson: json ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function expectUrl(option: string, url: string, shape: RegExp, example: string): void {
  if (shape.test(url) && URL.canParse(url)) return;
  throw new UsageError(`${option} "${url}" is no such address. It has to look like ${example}`);
}
