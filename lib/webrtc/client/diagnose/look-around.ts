import type { MessagingSession } from '../messaging-session.ts';
import type { Facts, Gathered, IceServerAnswer } from './facts.ts';
import { hostsOf, isName } from './facts.ts';
import { obstacleOf } from './obstacle.ts';
import { askLocalNetwork } from './probes/ask-permission.ts';
import { type AskServerDeps, askServer } from './probes/ask-server.ts';
import { findOwnName } from './probes/find-own-name.ts';
import { type GatherDeps, gather } from './probes/gather.ts';
import { within } from './probes/within.ts';
import type { RoomAccount } from './room-account.ts';

export interface LookAroundDeps extends AskServerDeps, GatherDeps {
  configuration: { signalingServers: readonly string[]; iceServers: readonly RTCIceServer[] };
  /** What the last `connect()` failed with. */
  failure: unknown;
  /** From `connect()` to `disconnect()`. */
  session: Pick<MessagingSession, 'iceServers' | 'room'> | null;
}

const ROOM_TIMEOUT_MS = 5_000;
/** Each has a connection of its own, and costs time where it is unwell. */
const MAX_ICE_URLS = 8;
/** Of a tab that is on its way in, or between two that lead. */
const OUTSIDE: RoomAccount = { isInRoom: false, obstacle: null, peers: [] };

/** All at the same time; each probe ends by itself, the last within 8 seconds. Nothing that runs is touched. */
export async function lookAround(deps: LookAroundDeps, peerId: string | undefined): Promise<Facts> {
  const { clock, configuration, session } = deps;
  const ice = iceUrls(session?.iceServers ?? configuration.iceServers).slice(0, MAX_ICE_URLS);
  const page = globalThis.location;
  const [servers, [own, isOwnNameFound], stun, turn, localNetwork, room] = await Promise.all([
    Promise.all(configuration.signalingServers.map((url) => askServer(url, deps))),
    gatherOwn(deps),
    askIceServers(
      deps,
      ice.filter(({ urls }) => /^stuns?:/i.test(urls)),
      { wanted: 'srflx', policy: 'all' },
    ),
    askIceServers(
      deps,
      ice.filter(({ urls }) => /^turns?:/i.test(urls)),
      { wanted: 'relay', policy: 'relay' },
    ),
    askLocalNetwork(clock),
    askRoom(deps),
  ]);
  return {
    ...{ servers, own, isOwnNameFound, stun, turn, localNetwork, room, peerId },
    isBrowser: page !== undefined,
    pageHost: page?.hostname ?? '',
    isSecurePage: globalThis.isSecureContext === true,
    areRelaysKnown: session !== null && session.iceServers !== null,
    obstacle: (room !== 'silent' && room?.obstacle) || obstacleOf(deps.failure),
  };
}

async function gatherOwn(deps: GatherDeps): Promise<[Gathered, boolean | null]> {
  const own = await gather(deps, { iceServers: [] });
  return [own, hostsOf(own).some(isName) ? await findOwnName(deps) : null];
}

async function askRoom({ clock, session }: LookAroundDeps): Promise<Facts['room']> {
  if (!session) return null;
  try {
    return (await within<Facts['room']>(clock, ROOM_TIMEOUT_MS, session.room(), () => 'silent')) ?? OUTSIDE;
  } catch {
    return 'silent';
  }
}

interface IceQuestion {
  wanted: 'srflx' | 'relay';
  policy: RTCIceTransportPolicy;
}

function askIceServers(deps: GatherDeps, servers: IceUrl[], { wanted, policy }: IceQuestion) {
  return Promise.all(
    servers.map(async (server): Promise<IceServerAnswer> => {
      // A copy: node-datachannel changes what it is given.
      const gathered = await gather(deps, { iceServers: [{ ...server }], iceTransportPolicy: policy }, wanted);
      return { url: server.urls, ...gathered };
    }),
  );
}

type IceUrl = RTCIceServer & { urls: string };

/** One address each. */
function iceUrls(servers: readonly RTCIceServer[]): IceUrl[] {
  return servers.flatMap((server) => [server.urls].flat().map((urls) => ({ ...server, urls })));
}
