import { backoffDelayMs, type CancelTimer, type Random } from '@innmesh/kit';
import {
  type CredentialProblem,
  InnmeshError,
  isCredentialRefusal,
  isFatalCloseCode,
  type RelayMessage,
} from '@innmesh/protocol';
import {
  NotConnectedError,
  type ServerAttempt,
  SignalingLostError,
  SignalingRefusedError,
  SignalingUnreachableError,
} from '../errors.ts';
import {
  type DenyMessage,
  type RoomMessage,
  SignalingSocket,
  type SignalingSocketDeps,
  type Welcome,
} from './signaling-socket.ts';

export interface SignalingClientOptions {
  /** In the order in which they are tried. */
  urls: readonly string[];
  autoReconnect: boolean;
  reconnectIntervalMs: number;
}

export interface SignalingClientDeps extends SignalingSocketDeps {
  random: Random;
  /** Has a credential ready before a server is tried; `null` where it is. */
  prepare(): Promise<void> | null;
  /** A server is being asked to let the device in. */
  reaching(): void;
  /** What a server in development mode gives. Throws `MalformedFrameError` where that is nothing of use. */
  accept(welcome: Welcome): void;
  /** A server refused the credential. Whether another one may be better. */
  refuse(problem: CredentialProblem): boolean;
  log(text: string): void;
}

export interface SignalingClientEvents {
  joined(welcome: Welcome): void;
  received(message: RoomMessage | DenyMessage): void;
  reconnecting(): void;
  failed(error: Error): void;
}

/** Why a server did not let the device in. */
type Failure = Omit<ServerAttempt, 'url'>;

type State =
  | { phase: 'idle' }
  | { phase: 'connecting' | 'joined'; socket: SignalingSocket }
  | { phase: 'waiting'; cancelTimer: CancelTimer };

/** Keeps this device in its room, on whichever server lets it in. */
export class SignalingClient {
  readonly #options: SignalingClientOptions;
  readonly #deps: SignalingClientDeps;
  readonly #events: SignalingClientEvents;
  #state: State = { phase: 'idle' };
  #stopped = false;
  #joining: Promise<void> | null = null;

  constructor(options: SignalingClientOptions, deps: SignalingClientDeps, events: SignalingClientEvents) {
    this.#options = options;
    this.#deps = deps;
    this.#events = events;
  }

  /**
   * Tries each server once. Resolves when one has let the device in.
   * @throws SignalingUnreachableError, or NotConnectedError when `stop()` comes first
   */
  join(): Promise<void> {
    this.#joining ??= this.#tryServers().finally(() => {
      this.#joining = null;
    });
    return this.#joining;
  }

  /** Joins again where the server was lost and nothing has been done about it. */
  comeBack(): Promise<void> {
    return this.#joining ?? (this.#state.phase === 'idle' ? this.join() : Promise.resolve());
  }

  async #tryServers(): Promise<void> {
    const attempts: ServerAttempt[] = [];
    for (const url of this.#options.urls) {
      let failure = await this.#tryPrepared(url);
      if (failure && this.#isWorthAnotherCredential(failure)) failure = await this.#tryPrepared(url);
      if (!failure) return;
      attempts.push({ url, ...failure });
      this.#deps.log(`${url}: ${failure.reason}`);
    }
    this.#state = { phase: 'idle' };
    throw new SignalingUnreachableError(attempts);
  }

  async #tryPrepared(url: string): Promise<Failure | null> {
    const preparing = this.#deps.prepare();
    if (preparing) await preparing;
    this.#expectToStay();
    const tried = this.#tryServer(url);
    this.#deps.reaching();
    const failure = await tried;
    this.#expectToStay();
    return failure;
  }

  #expectToStay(): void {
    if (this.#stopped) throw new NotConnectedError('disconnect() came before connect() was done; connecting');
  }

  #isWorthAnotherCredential({ closeCode, reason }: Failure): boolean {
    if (!isCredentialRefusal(closeCode)) return false;
    return this.#deps.refuse((reason.split(':')[0] ?? '') as CredentialProblem);
  }

  /** A newer credential, so that the socket may stay. */
  renew(credential: string): void {
    if (this.#state.phase === 'joined') this.#state.socket.send({ type: 'renew', credential });
  }

  /** `false` while there is no server. */
  send(message: RelayMessage): boolean {
    if (this.#state.phase !== 'joined') return false;
    this.#state.socket.send(message);
    return true;
  }

  /** What waits to be sent to the server; `null` while there is none. */
  get bufferedBytes(): number | null {
    return this.#state.phase === 'joined' ? this.#state.socket.bufferedBytes : null;
  }

  /** For good. */
  stop(): void {
    const state = this.#state;
    this.#stopped = true;
    this.#state = { phase: 'idle' };
    if (state.phase === 'waiting') state.cancelTimer();
    else if (state.phase !== 'idle') state.socket.close();
  }

  /** Resolves with `null` once joined, or with why not. */
  #tryServer(url: string): Promise<Failure | null> {
    return new Promise((resolve) => {
      try {
        const socket: SignalingSocket = new SignalingSocket(url, this.#deps, {
          welcomed: (welcome) => {
            this.#deps.accept(welcome);
            this.#state = { phase: 'joined', socket };
            this.#deps.log(`joined through ${url}`);
            this.#events.joined(welcome);
            resolve(null);
          },
          received: (message) => this.#events.received(message),
          malformedRelay: (error) => this.#deps.log(`dropped a frame of another device: ${error.message}`),
          closed: (code, reason) => {
            if (this.#state.phase === 'joined' && this.#state.socket === socket) this.#lost(url, code, reason);
            else resolve({ closeCode: code, reason });
          },
        });
        this.#state = { phase: 'connecting', socket };
      } catch (error) {
        resolve({ closeCode: null, reason: error instanceof Error ? error.message : String(error) });
      }
    });
  }

  #lost(url: string, code: number, reason: string): void {
    this.#state = { phase: 'idle' };
    this.#deps.log(`lost ${url}: ${reason} (${code})`);
    const mayComeBack = this.#isWorthAnotherCredential({ closeCode: code, reason }) && this.#options.autoReconnect;
    if (isFatalCloseCode(code) && !mayComeBack) this.#events.failed(new SignalingRefusedError(url, code, reason));
    else if (!this.#options.autoReconnect) this.#events.failed(new SignalingLostError(url, reason));
    else {
      // First, so that a handler that disconnects takes it back.
      this.#scheduleRejoin();
      this.#events.reconnecting();
    }
  }

  #scheduleRejoin(): void {
    const { reconnectIntervalMs } = this.#options;
    const delayMs = backoffDelayMs(0, { baseMs: reconnectIntervalMs, maxMs: reconnectIntervalMs }, this.#deps.random);
    const cancelTimer = this.#deps.clock.setTimer(() => this.#rejoin(), delayMs);
    this.#state = { phase: 'waiting', cancelTimer };
  }

  #rejoin(): void {
    this.join().catch((error) => {
      if (this.#stopped) return;
      // What an application's own source of credentials throws may be over in a moment.
      if (!(error instanceof InnmeshError) || error.shouldRetry()) this.#scheduleRejoin();
      this.#events.failed(error);
    });
  }
}
