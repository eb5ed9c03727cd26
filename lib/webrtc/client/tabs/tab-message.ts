import type { ReceivedMessage } from '@innmesh/protocol';
import type { EntryInfo, MessageTarget, PeerInfo } from '../public-types.ts';
import type { SessionEvents } from '../session.ts';
import type { CarriedError } from './carried-error.ts';

/** Raised with every change of `TabMessage`: a tab that runs an older release is not understood, and is told of as such. */
const TAB_PROTOCOL_VERSION = 5;

export const sessionChannel = (name: string): string => `${name}/tabs-${TAB_PROTOCOL_VERSION}`;

/** The leading tab's room as it is now. */
export interface RoomState {
  peerId: string;
  /** Not while a tab that has just taken over is still on its way in. */
  hasJoined: boolean;
  peers: PeerInfo[];
  /** Whom a message can be sent to, the absent among them. */
  met: string[];
}

type MirroredEvents = Omit<SessionEvents, 'message' | 'failed' | 'wantsTopology' | 'pendingChanged'>;

/** An event as its name and its arguments. */
export type MirroredEvent = {
  [K in keyof MirroredEvents]: { event: K; args: Parameters<MirroredEvents[K]> };
}[keyof MirroredEvents];

/** What became of a follower's message, by the number that the follower gave it. */
export type SendReport = {
  type: 'report';
  to: string;
  number: number;
} /** `id`: under which it is in the device's journal. */ & (
  | { outcome: 'accepted'; id: string }
  | { outcome: 'stored' | 'delivered' }
  | { outcome: 'failed'; error: CarriedError }
);

export type AnswerMessage = { type: 'answer'; to: string; request: number } & (
  | { result: unknown }
  | { error: CarriedError }
);

export type SendRequest = {
  type: 'send';
  to: string;
  askedAtMs: number;
  number: number;
  message: ReceivedMessage;
  target: MessageTarget | undefined;
  expiresAtMs: number;
};

export type Question =
  | { what: 'topology'; peerId: string }
  | { what: 'room' }
  | { what: 'come-back' }
  | { what: 'delivery'; id: string };
export type AskRequest = { type: 'ask'; to: string; askedAtMs: number; request: number; question: Question };

/** What tabs of one device say to each other. `to` is one of them; without it, all are meant. */
export type TabMessage = { from: string } & (
  | { type: 'hello' }
  /** From a tab that leads and knows of no other: whoever is there says hello. */
  | { type: 'seek' }
  /** From a tab that works through another and goes. */
  | { type: 'bye' }
  | SendRequest
  | AskRequest
  | { type: 'state'; to: string | null; state: RoomState }
  | { type: 'event'; mirrored: MirroredEvent }
  /** Each tab takes it once, by what `info` says. */
  | { type: 'message'; message: ReceivedMessage; fromPeerId: string; info: EntryInfo }
  | { type: 'failure'; error: CarriedError }
  | SendReport
  | AnswerMessage
  | { type: 'gone' }
);

export type TabMessageOf<Type extends TabMessage['type']> = Extract<TabMessage, { type: Type }>;
