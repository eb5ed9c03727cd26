import type { CancelTimer, Clock } from '@innmesh/kit';
import {
  type CloseCode,
  closeCodes,
  type DenyList,
  type DeviceMessage,
  decodeForServer,
  encodeSignaling,
  type FirstOffer,
  isRelayFrame,
  isSealedFrame,
  limits,
  MalformedFrameError,
  openRelayFrame,
  type RelayRate,
  type ServerMessage,
} from '@innmesh/protocol';
import type { Admission, Admitted, Join } from './auth/admission.ts';
import { type Allowance, allowanceBeforeJoin } from './limits/allowance.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import { isFailedJoin, type RefusalKind, refusalKindOf, type SocketRefusal } from './refusals.ts';
import type { Remote } from './remote.ts';
import type { Room } from './room.ts';
import { SealedFrames, type SealedRefusal } from './sealed-frames.ts';
import type { Socket, SocketEvents } from './socket.ts';
import { Stay } from './stay.ts';
import type { TurnLender } from './turn/turn-lender.ts';

export interface SessionDeps {
  clock: Clock;
  heartbeatMs: number;
  joinTimeoutMs: number;
  maxBufferedBytes: number;
  relayFrames: boolean;
  /** What a device is told of how many sealed frames are handed on for it. */
  relayRates: RelayRate[];
  admission: Admission;
  remote: Remote;
  metrics: ServerMetrics;
  /** `null`: there are no relays to lend. */
  turn: TurnLender | null;
  roomOf(tenantId: string): Room;
  denyListOf(tenantId: string): DenyList | null;
  /** The session is over and has left its room. */
  ended(session: Session, room: Room | null): void;
  refused(code: CloseCode | typeof NO_CODE, reason: string, kind: RefusalKind): void;
}

type State =
  | { phase: 'joining'; nonce: Uint8Array<ArrayBuffer>; cancelDeadline: CancelTimer }
  | { phase: 'joined'; stay: Stay; sealedFrames: SealedFrames }
  | { phase: 'closed' };

/** Nothing is closed. */
const NO_CODE = 0;

/** One socket, from its opening to its end. Whatever it does wrong closes it and nobody else. */
export class Session implements SocketEvents {
  readonly #socket: Socket;
  readonly #deps: SessionDeps;
  readonly #openedAtMs: number;
  #allowance: Allowance;
  #state: State;
  #heardSinceBeat = true;
  #turnDueAtMs = 0;

  constructor(socket: Socket, deps: SessionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#openedAtMs = deps.clock.monotonicMs();
    this.#allowance = allowanceBeforeJoin(deps.clock);
    const deadline = () => this.refuse(closeCodes.timedOut, `No join within ${deps.joinTimeoutMs} ms.`);
    const { nonce, development } = deps.admission.challenge();
    this.#state = { phase: 'joining', nonce, cancelDeadline: deps.clock.setTimer(deadline, deps.joinTimeoutMs) };
    this.#send({ type: 'challenge', nonce, development });
  }

  received(frame: Uint8Array<ArrayBuffer> | null): void {
    if (this.#state.phase === 'closed') return;
    this.#heardSinceBeat = true;
    const isOnOtherAccount = this.#state.phase === 'joined' && frame && isSealedFrame(frame);
    if (!isOnOtherAccount && !this.#mayReceive(frame?.length ?? 0)) return;
    try {
      this.#handle(frame);
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.refuse(closeCodes.malformedFrame, error.message);
    }
  }

  pinged(sizeBytes: number): boolean {
    return this.#state.phase !== 'closed' && this.#mayReceive(sizeBytes) && this.#mayTransmit();
  }

  closed(): void {
    const state = this.#state;
    if (state.phase === 'closed') return;
    this.#state = { phase: 'closed' };
    if (state.phase === 'joining') state.cancelDeadline();
    else state.stay.end();
    this.#allowance.release();
    this.#deps.ended(this, state.phase === 'joined' ? state.stay.room : null);
  }

  /** Called once each heartbeat interval; a socket that was silent for two is dead. */
  beat(): void {
    if (this.#state.phase !== 'joined') return;
    const { peerId } = this.#state.stay.member;
    if (!this.#heardSinceBeat) {
      this.#deps.refused(closeCodes.timedOut, 'Silent for two heartbeats.', 'heartbeat_lost');
      this.#socket.terminate();
      this.closed();
      return;
    }
    this.#heardSinceBeat = false;
    this.#send({ type: 'heartbeat' });
    this.#lendTurn(peerId);
  }

  /** Closes the socket for what it did. */
  refuse(code: CloseCode, reason: string, kind = refusalKindOf(code)): void {
    if (this.#state.phase === 'closed') return;
    if (this.#state.phase === 'joining' && isFailedJoin(code)) this.#deps.remote.joinFailed();
    this.#deps.refused(code, reason, kind);
    this.end(code, reason);
  }

  /** Closes the socket, whoever is to blame. */
  end(code: CloseCode, reason: string): void {
    this.#socket.close(code, cutToBytes(reason, 123));
    this.closed();
  }

  #handle(frame: Uint8Array<ArrayBuffer> | null): void {
    if (!frame) throw new MalformedFrameError('Expected binary frames, received text.');
    if (frame.length > limits.signalingFrameBytes) {
      const reason = `A frame of ${frame.length} bytes; the limit is ${limits.signalingFrameBytes}.`;
      this.refuse(closeCodes.frameTooLarge, reason);
    } else if (isRelayFrame(frame)) {
      this.#relay(frame);
    } else {
      this.#obey(decodeForServer(frame));
    }
  }

  #obey(message: DeviceMessage): void {
    if (message.type === 'join') this.#join(message);
    else if (this.#state.phase !== 'joined') throw new MalformedFrameError(`A ${message.type} before the join.`);
    else if (message.type === 'renew') this.#renew(this.#state.stay, message.credential);
  }

  #join(join: Join): void {
    if (this.#state.phase !== 'joining') throw new MalformedFrameError('A second join on one socket.');
    const { admission, remote, metrics, clock } = this.#deps;
    const { refusal, granted } = admission.admit(join, this.#state.nonce, remote);
    if (refusal) {
      this.#turnAway(refusal);
      return;
    }
    this.#allowance = granted.allowance;
    this.#state.cancelDeadline();
    this.#enter(granted, join.offers);
    metrics.joined(clock.monotonicMs() - this.#openedAtMs);
  }

  #enter(admitted: Admitted, offers: FirstOffer[]): void {
    const { roomOf, denyListOf, heartbeatMs, clock } = this.#deps;
    const stay = new Stay(admitted, roomOf(admitted.tenantId), {
      clock,
      transmit: (frame) => this.#transmit(frame),
      bufferedBytes: () => this.#socket.bufferedBytes,
      replaced: () => this.end(closeCodes.replaced, 'This device has joined through another socket.'),
      revoked: () => this.refuse(closeCodes.revoked, 'revoked: the device was revoked'),
      expired: () => this.refuse(closeCodes.unauthorized, 'expired: the credential was not renewed in time'),
    });
    const { allowance } = admitted;
    const sealedFrames = new SealedFrames({
      ...this.#deps,
      allowance,
      pause: (pauseMs) => this.#send({ type: 'pause', pauseMs }),
    });
    this.#state = { phase: 'joined', stay, sealedFrames };
    const { roster, member, room } = stay;
    this.#lendTurn(member.peerId);
    const offeredTo = offers.flatMap((offer) => room.handOn(offer, member));
    const { relayRates: relay } = this.#deps;
    this.#send({ type: 'welcome', slot: member.slot, heartbeatMs, roster, offeredTo, relay, ...admitted.issued });
    const list = denyListOf(admitted.tenantId);
    if (list && list.generations.size > 0) this.#send({ type: 'deny', list: list.jws.token });
  }

  /** Before the welcome, so that all that is offered after it may go by a relay; and again when it is due. */
  #lendTurn(peerId: string): void {
    const { turn, clock } = this.#deps;
    const nowMs = clock.nowMs();
    if (!turn || nowMs < this.#turnDueAtMs) return;
    this.#turnDueAtMs = nowMs + turn.renewAfterMs;
    this.#send(turn.lend(peerId, nowMs));
  }

  #renew(stay: Stay, credential: string): void {
    const { refusal, granted } = this.#deps.admission.renew(stay.admitted, credential);
    if (refusal) this.#turnAway(refusal);
    else stay.renew(granted);
  }

  #turnAway({ code, reason, kind }: SocketRefusal): void {
    this.refuse(code, reason, kind);
  }

  #relay(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#state.phase !== 'joined') throw new MalformedFrameError('A frame for a device before the join.');
    const { stay, sealedFrames } = this.#state;
    const { room, member } = stay;
    const { metrics } = this.#deps;
    const relay = openRelayFrame(frame);
    const target = room.at(relay.targetSlot, member);
    const isSealed = isSealedFrame(frame);
    const refusal = isSealed ? sealedFrames.refuse(frame.length, target) : null;
    if (refusal) this.#drop(frame, refusal);
    else if (target) {
      target.send(relay.readdress(member.slot));
      metrics.relayed(frame.length);
      if (isSealed) metrics.relayedSealed(frame.length);
    } else this.#send({ type: 'unreachable', slot: relay.targetSlot });
  }

  /** Tells the sender. Frames that come to nothing are on the account of all others, so that a flood of them ends. */
  #drop(frame: Uint8Array<ArrayBuffer>, { kind, reason }: SealedRefusal): void {
    if (!this.#mayReceive(frame.length)) return;
    const { targetSlot, attempt } = openRelayFrame(frame);
    this.#deps.refused(NO_CODE, 'A sealed frame was not handed on.', kind);
    this.#send({ type: 'undelivered', peer: targetSlot, attempt: attempt(), reason });
  }

  #send(message: ServerMessage): void {
    const frame = encodeSignaling(message);
    if (this.#state.phase === 'joined') this.#state.stay.send(frame);
    else this.#transmit(frame);
  }

  #transmit(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#mayTransmit()) this.#socket.send(frame);
  }

  #mayReceive(sizeBytes: number): boolean {
    const exceeded = this.#allowance.take(sizeBytes);
    if (exceeded) this.#turnAway(exceeded);
    return exceeded === null;
  }

  /** A device that reads more slowly than its room speaks is cut off rather than kept in memory. */
  #mayTransmit(): boolean {
    if (!this.#socket.isOpen) return false;
    const { maxBufferedBytes } = this.#deps;
    if (this.#socket.bufferedBytes <= maxBufferedBytes) return true;
    this.#deps.refused(closeCodes.timedOut, `Over ${maxBufferedBytes} bytes wait to be read.`, 'slow_reader');
    this.#socket.terminate();
    return false;
  }
}

/** Reasons are ASCII but for what a frame's own text brought in. */
function cutToBytes(text: string, maxBytes: number): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxBytes);
}
