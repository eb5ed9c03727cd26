import { backoffDelayMs, type CancelTimer, type Random } from '@innmesh/kit';
import {
  asksForPatience,
  InnmeshError,
  isCredentialRefusal,
  isFatalCloseCode,
  isFault,
  isOverLimit,
  isReplaced,
  type RelayMessage,
} from '@innmesh/protocol';
import { NotConnectedError, SignalingLostError, SignalingRefusedError, SignalingUnreachableError } from '../errors.ts';
import { reconnectDelayMs, type Troubles } from './reconnect-delay.ts';
import { ReturnWatch, type ReturnWatchDeps } from './return-watch.ts';
import { LASTING_MS, ServerList } from './server-list.ts';
import { type Defeat, isWorthAnotherCredential, type Place, ServerRace, type ServerRaceDeps } from './server-race.ts';
import type { DenyMessage, RoomMessage, TurnMessage, Welcome } from './signaling-socket.ts';

export interface SignalingClientOptions {
  /** Best first. */
  urls: readonly string[];
  autoReconnect: boolean;
  reconnectIntervalMs: number;
}

export interface SignalingClientDeps extends ServerRaceDeps, ReturnWatchDeps {
  random: Random;
}

export interface SignalingClientEvents {
  /** In the room, for the first time, again, or on a better server. */
  joined(welcome: Welcome): void;
  received(message: RoomMessage | DenyMessage | TurnMessage): void;
  /** There is no server any more. */
  reconnecting(): void;
  failed(error: Error): void;
}

type State =
  | { phase: 'idle' }
  | { phase: 'joined'; place: Place; sinceMs: number }
  /** Its place went to a socket of its own that has not been welcomed yet. */
  | { phase: 'moving'; url: string; sinceMs: number; reason: string }
  | { phase: 'waiting'; cancelTimer: CancelTimer };

/** How often a device that is not with the best server looks for a better one: after about 5, 10 … 60 s. */
const SEEK = { baseMs: 5_000, maxMs: 60_000 };
/**
 * When somebody has left, who may have found it: within this time, each at a moment of its own. With the pause between two
 * looks it is less than the 15 s after which those who have moved take the others for gone (docs/decisions/0015).
 */
const SEEK_SOON_MS = 5_000;
const SEEK_PAUSE_MS = 8_000;
/** Pages are shown and hidden, and each link may fall silent: no more joins come of it than a server allows a device. */
const HURRY_PAUSE_MS = 2_000;
/** A join that was not heard of any more may still have put this device's own socket out. */
const OWN_JOIN_MS = 60_000;
const FRESH_NETWORK_MS = 5_000;
const REOPEN_MS = 500;
const FRESH_RETRY_MS = 250;
/** A server might let a device in and yet answer nothing else. */
const OUT_OF_REACH_RETRY_MS = 30_000;

/** Keeps this device in its room, on the best server that lets it in. */
export class SignalingClient {
  readonly #options: SignalingClientOptions;
  readonly #deps: SignalingClientDeps;
  readonly #events: SignalingClientEvents;
  readonly #servers: ServerList;
  #state: State = { phase: 'idle' };
  #stopped = false;
  #isPaused = false;
  #joining: Promise<void> | null = null;
  #race: ServerRace | null = null;
  #troubles: Troubles = { tries: 0, refusals: 0 };
  /** A server has said that it lets no more in for now, which no change of this device's network changes. */
  #isToldToWait = false;
  #seeks = 0;
  #soughtAtMs = Number.NEGATIVE_INFINITY;
  #seekDueMs = 0;
  #isSeekingSoon = false;
  #hurriedAtMs = Number.NEGATIVE_INFINITY;
  /** When a server was last asked to let this device in. */
  #askedAtMs = Number.NEGATIVE_INFINITY;
  readonly #returnWatch: ReturnWatch;
  #cancelSeek: CancelTimer = () => {};
  #failure: unknown = null;

  constructor(options: SignalingClientOptions, deps: SignalingClientDeps, events: SignalingClientEvents) {
    this.#options = options;
    this.#deps = deps;
    this.#events = events;
    this.#servers = new ServerList(options.urls, deps.clock);
    this.#returnWatch = new ReturnWatch(options.urls, deps, () => this.#cameBack());
  }

  get isJoined(): boolean {
    return this.#state.phase === 'joined';
  }

  /** What has kept or put this device out of its room; `null` where nothing has since it was last in. */
  get failure(): unknown {
    return this.#failure;
  }

  /**
   * Asks each server once. Resolves when one has let the device in.
   * @throws SignalingUnreachableError, or NotConnectedError when `stop()` comes first
   */
  join(): Promise<void> {
    this.#joining ??= this.#joinAny()
      .catch((error) => {
        this.#failure = error;
        throw error;
      })
      .finally(() => {
        this.#joining = null;
      });
    return this.#joining;
  }

  /** Joins again where the server was lost and nothing has been done about it. */
  comeBack(): Promise<void> {
    return this.#joining ?? (this.#state.phase === 'idle' ? this.join() : Promise.resolve());
  }

  /** In a room that all leave when a better server appears. */
  get isPassing(): boolean {
    return this.#state.phase === 'joined' && !this.#servers.isBest(this.#state.place.url);
  }

  /** A newer credential: so that the socket may stay, or this device come in at last. */
  renew(credential: string): void {
    if (this.#state.phase === 'joined') this.#state.place.socket.send({ type: 'renew', credential });
    else if (!this.#race) this.#endWait();
  }

  /** `false` while there is no server. */
  send(message: RelayMessage): boolean {
    if (this.#state.phase !== 'joined') return false;
    this.#state.place.socket.send(message);
    return true;
  }

  /** The network is another one, or there again: nobody waits, and a socket of before may lead nowhere. */
  networkChanged(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const hasAskedSince = this.#askedAtMs >= this.#hurriedAtMs;
    // A socket that was begun at the first of several events may have been begun too early.
    const isOpening = this.#race !== null && !hasAskedSince;
    if (!isOpening && nowMs - this.#hurriedAtMs < (hasAskedSince ? HURRY_PAUSE_MS : REOPEN_MS)) return;
    this.#hurriedAtMs = nowMs;
    this.#returnWatch.hurry();
    const state = this.#state;
    if (state.phase === 'waiting') {
      this.#endWait();
    } else if (this.#race) {
      this.#race.reopen();
    } else if (state.phase === 'joined') {
      this.#seek([...this.#servers.betterThan(state.place.url), state.place.url]);
    }
  }

  /** No link tells that this device is on the network: its server is asked until it answers. */
  isolated(): void {
    // Each of many links says so, and is no news of the network: browsers put off whoever opens many sockets in vain.
    const isRecent = this.#deps.clock.monotonicMs() - this.#hurriedAtMs < HURRY_PAUSE_MS;
    if (!this.#returnWatch.asksAll && !this.#race && !isRecent) this.networkChanged();
    this.#returnWatch.start();
  }

  #endWait(): void {
    if (this.#state.phase !== 'waiting' || this.#isToldToWait) return;
    this.#state.cancelTimer();
    this.#rejoin();
  }

  /** A peer is heard: this device is on its network, and what it misses is the server alone, as everybody does. */
  notIsolated(): void {
    if (!this.#returnWatch.isWaiting) return;
    this.#returnWatch.stop();
    if (this.#state.phase !== 'waiting') return;
    this.#state.cancelTimer();
    this.#scheduleRejoin();
  }

  /** Sockets that do not open may have been begun too early, and servers be out of reach for reasons that are over soon. */
  get #isFreshNetwork(): boolean {
    return this.#deps.clock.monotonicMs() - this.#hurriedAtMs < FRESH_NETWORK_MS;
  }

  #cameBack(): void {
    // What was begun a moment ago was begun too early.
    if (this.#state.phase === 'waiting') this.#hurriedAtMs = Number.NEGATIVE_INFINITY;
    this.networkChanged();
  }

  /** No server answers what is asked twice a second: sockets would come to nothing, and browsers put off whoever opens many. */
  get #isOutOfReach(): boolean {
    return this.#returnWatch.asksAll && this.#returnWatch.isWaiting;
  }

  /** What waits to be sent to the server; `null` while there is none. */
  get bufferedBytes(): number | null {
    return this.#state.phase === 'joined' ? this.#state.place.socket.bufferedBytes : null;
  }

  /** Leaves the room until `resume()`. */
  pause(): void {
    const state = this.#state;
    this.#returnWatch.stop();
    if (state.phase !== 'joined' && state.phase !== 'waiting') return;
    this.#cancelSeek();
    this.#race?.stop();
    this.#isPaused = true;
    this.#state = { phase: 'idle' };
    if (state.phase === 'waiting') state.cancelTimer();
    else state.place.socket.close();
  }

  resume(): void {
    if (!this.#isPaused || this.#stopped) return;
    this.#isPaused = false;
    this.#hurriedAtMs = this.#deps.clock.monotonicMs();
    this.#events.reconnecting();
    if (this.#state.phase === 'idle') this.#rejoin();
  }

  /** Stays where it is, for what is still to be handed on, until `stop()`; and does not come back. */
  finish(): void {
    const state = this.#state;
    this.#stopped = true;
    this.#cancelSeek();
    this.#returnWatch.stop();
    this.#race?.stop();
    if (state.phase === 'joined') return;
    this.#state = { phase: 'idle' };
    if (state.phase === 'waiting') state.cancelTimer();
  }

  /** For good. */
  stop(): void {
    this.finish();
    if (this.#state.phase !== 'joined') return;
    this.#state.place.socket.close();
    this.#state = { phase: 'idle' };
  }

  async #joinAny(): Promise<void> {
    const defeat = await this.#compete(this.#servers.inOrder(), this.#deps);
    if (this.#stopped) throw new NotConnectedError('disconnect() came before connect() was done; connecting');
    if (!defeat) return;
    const codes = defeat.attempts.map(({ closeCode }) => closeCode);
    this.#noteRefusals(codes);
    // No other credential could be had, or none that is better.
    if (codes.some(isCredentialRefusal)) this.#troubles.refusals += 1;
    throw defeat.credentialError ?? new SignalingUnreachableError(defeat.attempts);
  }

  /** `null` when one of them has let the device in. */
  #compete(urls: readonly string[], deps: ServerRaceDeps): Promise<Defeat | null> {
    this.#race?.stop();
    const { clock } = this.#deps;
    const join: ServerRaceDeps['join'] = (challenge, host) => {
      this.#askedAtMs = clock.monotonicMs();
      return deps.join(challenge, host);
    };
    const race = new ServerRace(
      urls,
      { ...deps, join, ...(this.#isFreshNetwork && { reopenAfterMs: REOPEN_MS }) },
      {
        won: (place, welcome) => this.#entered(place, welcome),
        received: (place, message) => this.#received(place, message),
        lost: (place, code, reason) => {
          if (this.#state.phase === 'joined' && this.#state.place === place) this.#left(this.#state, code, reason);
        },
      },
    );
    this.#race = race;
    return race.run().finally(() => {
      if (this.#race === race) this.#race = null;
    });
  }

  /** Make before break: the place before is given up when this one is taken. */
  #entered(place: Place, welcome: Welcome): void {
    const before = this.#state;
    if (before.phase === 'waiting') before.cancelTimer();
    this.#state = { phase: 'joined', place, sinceMs: this.#deps.clock.monotonicMs() };
    this.#failure = null;
    this.#isToldToWait = false;
    this.#returnWatch.stop();
    this.#deps.log(`joined through ${place.url}`);
    this.#seeks = 0;
    this.#scheduleSeek();
    this.#events.joined(welcome);
    if (before.phase === 'joined') before.place.socket.close();
  }

  #received({ url }: Place, message: RoomMessage | DenyMessage | TurnMessage): void {
    if (message.type === 'left') this.#seekSoon(url);
    this.#events.received(message);
  }

  #left({ place: { url }, sinceMs }: Extract<State, { phase: 'joined' }>, code: number, reason: string): void {
    this.#deps.log(`lost ${url}: ${reason} (${code})`);
    if (this.#stopped) {
      this.#state = { phase: 'idle' };
      return;
    }
    this.#cancelSeek();
    const nowMs = this.#deps.clock.monotonicMs();
    const isOwnJoin = isReplaced(code) && this.#askedAtMs > sinceMs && nowMs - this.#askedAtMs < OWN_JOIN_MS;
    if (isOwnJoin && this.#race?.isJoining) this.#state = { phase: 'moving', url, sinceMs, reason };
    else this.#lost(url, sinceMs, isOwnJoin ? 1006 : code, reason);
  }

  #lost(url: string, sinceMs: number, code: number, reason: string): void {
    this.#state = { phase: 'idle' };
    this.#countStay(url, this.#deps.clock.monotonicMs() - sinceMs, code);
    const { refuse } = this.#deps;
    const { autoReconnect } = this.#options;
    const mayComeBack = isWorthAnotherCredential({ closeCode: code, reason }, refuse) && autoReconnect;
    if (isFatalCloseCode(code) && !mayComeBack) this.#fail(new SignalingRefusedError(url, code, reason));
    else if (!autoReconnect) this.#fail(new SignalingLostError(url, reason));
    else {
      // First, so that a handler that disconnects takes it back.
      this.#scheduleRejoin();
      this.#events.reconnecting();
      if (isFault(code)) this.#fail(new SignalingLostError(url, reason));
    }
  }

  #fail(error: Error): void {
    this.#failure = error;
    this.#events.failed(error);
  }

  #countStay(url: string, stayedMs: number, code: number): void {
    this.#servers.left(url, stayedMs, isFault(code));
    if (stayedMs >= LASTING_MS) this.#troubles = { tries: 0, refusals: 0 };
    this.#noteRefusals([code]);
  }

  /** What servers have said of why they do not keep this device, or do not let it in. */
  #noteRefusals(codes: readonly (number | null)[]): void {
    this.#isToldToWait = codes.some(isOverLimit);
    if (codes.some(asksForPatience)) this.#troubles.refusals += 1;
  }

  #scheduleRejoin(): void {
    const cancelTimer = this.#deps.clock.setTimer(() => this.#rejoin(), this.#rejoinDelayMs());
    this.#troubles.tries += 1;
    this.#state = { phase: 'waiting', cancelTimer };
  }

  #rejoinDelayMs(): number {
    const { random } = this.#deps;
    const intervalMs = this.#options.reconnectIntervalMs;
    if (this.#isOutOfReach) return OUT_OF_REACH_RETRY_MS;
    if (this.#isFreshNetwork && !this.#isToldToWait)
      return Math.min(intervalMs, FRESH_RETRY_MS) * (0.5 + random.unit() / 2);
    return reconnectDelayMs(this.#troubles, intervalMs, random);
  }

  #rejoin(): void {
    this.#state = { phase: 'idle' };
    this.join().catch((error) => {
      if (this.#stopped) return;
      // What an application's own source of credentials throws may be over in a moment.
      if (!(error instanceof InnmeshError) || error.shouldRetry()) this.#scheduleRejoin();
      this.#events.failed(error);
    });
  }

  #scheduleSeek(delayMs = backoffDelayMs(this.#seeks, SEEK, this.#deps.random)): void {
    this.#cancelSeek();
    const state = this.#state;
    if (state.phase !== 'joined' || this.#servers.isBest(state.place.url)) return;
    const seek = () => this.#seek(this.#servers.betterThan(state.place.url));
    this.#seekDueMs = this.#deps.clock.monotonicMs() + delayMs;
    this.#cancelSeek = this.#deps.clock.setTimer(seek, delayMs);
  }

  /** Who has left may have found a better server. */
  #seekSoon(url: string): void {
    if (this.#servers.isBest(url) || this.#race || this.#isSeekingSoon) return;
    this.#isSeekingSoon = true;
    const nowMs = this.#deps.clock.monotonicMs();
    const pausedUntilMs = Math.max(nowMs, this.#soughtAtMs + SEEK_PAUSE_MS);
    const dueMs = pausedUntilMs + this.#deps.random.unit() * SEEK_SOON_MS;
    if (dueMs < this.#seekDueMs) this.#scheduleSeek(dueMs - nowMs);
  }

  /** Goes to one of these, or stays. No offer goes along with the join, as for the time being nothing may come of it. */
  async #seek(urls: readonly string[]): Promise<void> {
    this.#cancelSeek();
    this.#isSeekingSoon = false;
    this.#soughtAtMs = this.#deps.clock.monotonicMs();
    this.#seeks += 1;
    try {
      if (urls.length > 0) await this.#compete(urls, { ...this.#deps, reaching: () => {} });
    } catch (error) {
      this.#deps.log(`no better server was asked: ${error}`);
    }
    if (this.#state.phase === 'moving') {
      const { url, sinceMs, reason } = this.#state;
      this.#lost(url, sinceMs, 1006, reason);
    } else if (!this.#race) this.#scheduleSeek();
  }
}
