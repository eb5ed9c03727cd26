import type { MessagingSession } from '../messaging-session.ts';
import type { SessionEvents } from '../session.ts';

/** Tells the tabs that work through this one. */
export interface LeaderHost {
  /** Another tab may hear of what is told. */
  readonly isHeard: boolean;
  /** Every event of the session, before this tab's own application has it. */
  tell(event: keyof SessionEvents, args: unknown[]): void;
  /** Takes no more requests: the session is about to leave. */
  stopServing(): void;
  /** The session has left. */
  close(): void;
}

/** The session of the tab that leads, and what the others are told of it. */
export class Leader {
  readonly session: MessagingSession;
  /** Loaded behind the session, as most devices are one tab. */
  host: LeaderHost | null = null;
  #deposed = false;

  constructor(createSession: (events: SessionEvents) => MessagingSession, events: SessionEvents) {
    this.session = createSession(this.#tap(events));
  }

  /** What has been sent crosses first; then another tab may lead. */
  async leave(): Promise<void> {
    this.host?.stopServing();
    await this.session.leave();
    this.host?.close();
  }

  /** Another tab leads already: nobody hears from this session any more. */
  depose(): void {
    this.#deposed = true;
    this.host?.close();
    this.session.leave();
  }

  #tap(events: SessionEvents): SessionEvents {
    const pass = (event: keyof SessionEvents, args: unknown[]): unknown => {
      if (this.#deposed) return undefined;
      this.host?.tell(event, args);
      return (events[event] as (...args: unknown[]) => unknown)(...args);
    };
    // What another tab's application listens to is not known here.
    const wantsTopology = () => events.wantsTopology() || this.host?.isHeard === true;
    return new Proxy(events, {
      get: (_, event) =>
        event === 'wantsTopology' ? wantsTopology : (...args: unknown[]) => pass(event as keyof SessionEvents, args),
    });
  }
}
