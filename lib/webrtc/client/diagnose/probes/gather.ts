import type { Clock } from '@innmesh/kit';
import type { Candidate, Gathered, IceError } from '../facts.ts';
import { within } from './within.ts';

export interface GatherDeps {
  clock: Clock;
  createPeerConnection(configuration: RTCConfiguration): RTCPeerConnection;
}

export const GATHER_TIMEOUT_MS = 5_000;

/**
 * What a connection that is made for it finds, until it is done or has one of the `wanted` type. Of a server that answers
 * nothing browsers tell only after 10 seconds and more; here the time that is over tells it.
 */
export async function gather(
  { clock, createPeerConnection }: GatherDeps,
  configuration: RTCConfiguration,
  wanted?: Candidate['type'],
): Promise<Gathered> {
  const errors: IceError[] = [];
  let connection: RTCPeerConnection | null = null;
  try {
    connection = createPeerConnection(configuration);
    const isComplete = await within(clock, GATHER_TIMEOUT_MS, done(connection, errors, wanted), () => false);
    return { candidates: candidatesOf(connection), errors, isComplete, problem: null };
  } catch (error) {
    return { candidates: [], errors, isComplete: false, problem: String(error) };
  } finally {
    if (connection) close(connection);
  }
}

async function done(connection: RTCPeerConnection, errors: IceError[], wanted?: Candidate['type']): Promise<true> {
  const { promise, resolve } = Promise.withResolvers<true>();
  const look = () => {
    const isFound = candidatesOf(connection).some(({ type }) => type === wanted);
    if (isFound || connection.iceGatheringState === 'complete') resolve(true);
  };
  connection.onicecandidate = look;
  connection.onicegatheringstatechange = look;
  connection.onicecandidateerror = ({ errorCode, errorText }) => errors.push({ code: errorCode, text: errorText });
  connection.createDataChannel('', { negotiated: true, id: 0 });
  await connection.setLocalDescription();
  look();
  return promise;
}

/** From the description, which all platforms keep up to date; not all have events at this point. */
function candidatesOf({ localDescription }: RTCPeerConnection): Candidate[] {
  const lines = localDescription?.sdp.matchAll(/^a=candidate:\S+ \d+ (\S+) \d+ (\S+) \d+ typ (\S+)/gm) ?? [];
  return [...lines].map(([, protocol = '', address = '', type = '']) => {
    return { type: type as Candidate['type'], address, protocol: protocol.toLowerCase() };
  });
}

/** Handlers would keep it alive, and until it is collected it counts towards Chromium's limit of 500. */
export function close(connection: RTCPeerConnection): void {
  connection.onicecandidate = null;
  connection.onicegatheringstatechange = null;
  connection.onicecandidateerror = null;
  connection.onconnectionstatechange = null;
  connection.close();
}
