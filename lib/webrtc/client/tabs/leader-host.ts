import type { Clock } from '@innmesh/kit';
import type { ReceivedMessage } from '@innmesh/protocol';
import { DeliveryError } from '../errors.ts';
import type { MessagingSession } from '../messaging-session.ts';
import type { EntryInfo } from '../public-types.ts';
import type { SessionEvents } from '../session.ts';
import { carryError } from './carried-error.ts';
import type { LeaderHost } from './leader.ts';
import type {
  AskRequest,
  MirroredEvent,
  Question,
  SendReport,
  SendRequest,
  TabMessage,
  TabMessageOf,
} from './tab-message.ts';

export interface HostDeps {
  tabId: string;
  clock: Clock;
  session: MessagingSession;
  hasJoined: boolean;
  /** Everyone a message can be sent to. */
  met: Set<string>;
  /** No other tab works through this one yet, and none is told anything before it has said hello. */
  isAlone: boolean;
  post(message: TabMessage): void;
  /** Resolves once it is certain that no other tab has taken over since then. */
  confirmLeadership(sinceMs: number): Promise<void>;
}

type Outcome =
  | { outcome: 'accepted'; id: string }
  | { outcome: 'stored' | 'delivered' }
  | { outcome: 'failed'; error: ReturnType<typeof carryError> };

/** Beside the session of the tab that leads: tells the others what happens, and does what they ask. */
export class BroadcastingHost implements LeaderHost {
  readonly #deps: HostDeps;
  /** Who has said hello; `null`: nobody knows how many there are. */
  readonly #listeners: Set<string> | null;
  #hasJoined: boolean;
  #phase: 'serving' | 'leaving' | 'closed' = 'serving';
  /** The last message of each tab that was sent: one that turned to another leader and back asks again. */
  readonly #lastSent = new Map<string, number>();
  /** Requests in the order in which they came. */
  #served: Promise<void> = Promise.resolve();

  constructor(deps: HostDeps) {
    this.#deps = deps;
    this.#listeners = deps.isAlone ? new Set() : null;
    this.#hasJoined = deps.hasJoined;
    for (const { peerId } of deps.session.peers()) deps.met.add(peerId);
    if (deps.isAlone) this.#post({ type: 'seek' });
    else this.#tellState(null);
  }

  get isHeard(): boolean {
    return this.#listeners?.size !== 0;
  }

  tell(event: keyof SessionEvents, args: unknown[]): void {
    if (this.#phase === 'closed') return;
    const mirrored = { event, args } as MirroredEvent;
    this.#note(mirrored);
    // A message to a channel that nobody listens to costs as much as one on the network.
    if (!this.isHeard) return;
    if (event === 'message') this.#tellMessage(args as Parameters<SessionEvents['message']>);
    else if (event === 'pendingChanged') return;
    else if (event === 'failed') this.#post({ type: 'failure', error: carryError(args[0]) });
    else this.#post({ type: 'event', mirrored });
  }

  receive(message: TabMessage): void {
    if (this.#phase !== 'serving') return;
    if (message.type === 'bye') this.#listeners?.delete(message.from);
    else if (message.type === 'hello') {
      this.#listeners?.add(message.from);
      this.#tellState(message.from);
    } else if ((message.type === 'send' || message.type === 'ask') && message.to === this.#deps.tabId) {
      this.#enqueue(message);
    }
  }

  stopServing(): void {
    if (this.#phase === 'serving') this.#phase = 'leaving';
  }

  close(): void {
    if (this.#phase === 'closed') return;
    this.#post({ type: 'gone' });
    this.#phase = 'closed';
  }

  #enqueue(request: { from: string } & (SendRequest | AskRequest)): void {
    this.#served = this.#served.then(async () => {
      await this.#deps.confirmLeadership(request.askedAtMs);
      if (this.#phase !== 'serving') return;
      if (request.type === 'send') this.#send(request);
      // Not awaited: a measurement holds up no message.
      else this.#answer(request);
    });
  }

  #send(request: TabMessageOf<'send'>): void {
    const { from, number, message, target, expiresAtMs } = request;
    if (number <= (this.#lastSent.get(from) ?? 0)) return;
    this.#lastSent.set(from, number);
    try {
      if (this.#deps.clock.nowMs() >= expiresAtMs) throw new DeliveryError(message.type, 'expired');
      const { id, stored, delivered } = this.#deps.session.send(message, target);
      this.#report(request, { outcome: 'accepted', id });
      stored.then(
        () => this.#report(request, { outcome: 'stored' }),
        () => {},
      );
      delivered.then(
        () => this.#report(request, { outcome: 'delivered' }),
        (error) => this.#report(request, { outcome: 'failed', error: carryError(error) }),
      );
    } catch (error) {
      this.#report(request, { outcome: 'failed', error: carryError(error) });
    }
  }

  #report({ from, number }: TabMessageOf<'send'>, outcome: Outcome): void {
    if (this.#phase === 'closed') return;
    const report: SendReport = { type: 'report', to: from, number, ...outcome };
    this.#post(report);
  }

  async #answer({ from, request, question }: TabMessageOf<'ask'>): Promise<void> {
    const outcome = await this.#find(question).then(
      (result) => ({ result }),
      (error) => ({ error: carryError(error) }),
    );
    if (this.#phase !== 'closed') this.#post({ type: 'answer', to: from, request, ...outcome });
  }

  async #find(question: Question): Promise<unknown> {
    if (question.what === 'topology') return this.#deps.session.topology(question.peerId);
    if (question.what === 'room') return this.#deps.session.room();
    if (question.what === 'delivery') return this.#deps.session.follow(question.id);
    await this.#deps.session.comeBack();
    return null;
  }

  #tellState(to: string | null): void {
    const { session, met } = this.#deps;
    const state = { peerId: session.peerId, hasJoined: this.#hasJoined, peers: session.peers(), met: [...met] };
    this.#post({ type: 'state', to, state });
  }

  #tellMessage([message, fromPeerId, info]: [ReceivedMessage, string, EntryInfo]): void {
    this.#post({ type: 'message', message, fromPeerId, info });
  }

  #note(mirrored: MirroredEvent): void {
    if (mirrored.event === 'discovered') {
      this.#hasJoined = true;
      for (const { peerId } of mirrored.args[0]) this.#deps.met.add(peerId);
    } else if (mirrored.event === 'peerJoined') {
      this.#deps.met.add(mirrored.args[0].peerId);
    }
  }

  #post(message: Unsent<TabMessage>): void {
    this.#deps.post({ ...message, from: this.#deps.tabId } as TabMessage);
  }
}

type Unsent<Message> = Message extends unknown ? Omit<Message, 'from'> : never;
