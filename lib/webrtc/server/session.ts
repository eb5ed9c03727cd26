import type { CancelTimer, Clock } from '@innmesh/kit';
import {
  type CloseCode,
  closeCodes,
  type DeviceMessage,
  decodeForServer,
  encodeSignaling,
  isRelayFrame,
  limits,
  MalformedFrameError,
  openRelayFrame,
  type ServerMessage,
} from '@innmesh/protocol';
import type { Member, Room } from './room.ts';
import type { Socket, SocketEvents } from './socket.ts';
import { TokenBucket, type TokenBucketOptions } from './token-bucket.ts';

export interface SessionDeps {
  clock: Clock;
  heartbeatMs: number;
  joinTimeoutMs: number;
  frameRate: TokenBucketOptions;
  maxBufferedBytes: number;
  roomOf(tenantId: string): Room;
  /** The session is over and has left its room. */
  ended(session: Session, room: Room | null): void;
  refused(code: CloseCode, reason: string): void;
}

type State =
  | { phase: 'joining'; cancelDeadline: CancelTimer }
  | { phase: 'joined'; room: Room; member: Member }
  | { phase: 'closed' };

type Join = Extract<DeviceMessage, { type: 'join' }>;

/** One socket, from its opening to its end. Whatever it does wrong closes it and nobody else. */
export class Session implements SocketEvents {
  readonly #socket: Socket;
  readonly #deps: SessionDeps;
  readonly #frameRate: TokenBucket;
  #state: State;
  #heardSinceBeat = true;

  constructor(socket: Socket, deps: SessionDeps) {
    this.#socket = socket;
    this.#deps = deps;
    this.#frameRate = new TokenBucket(deps.frameRate, deps.clock);
    const deadline = () => this.refuse(closeCodes.timedOut, `No join within ${deps.joinTimeoutMs} ms.`);
    this.#state = { phase: 'joining', cancelDeadline: deps.clock.setTimer(deadline, deps.joinTimeoutMs) };
  }

  received(frame: Uint8Array<ArrayBuffer> | null): void {
    if (this.#state.phase === 'closed') return;
    this.#heardSinceBeat = true;
    if (!this.#frameRate.take()) {
      const { burst, perSecond } = this.#deps.frameRate;
      this.refuse(closeCodes.flooding, `More than ${burst} frames at once or ${perSecond} a second.`);
      return;
    }
    try {
      this.#handle(frame);
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      this.refuse(closeCodes.malformedFrame, error.message);
    }
  }

  closed(): void {
    const state = this.#state;
    if (state.phase === 'closed') return;
    this.#state = { phase: 'closed' };
    if (state.phase === 'joining') state.cancelDeadline();
    else state.room.leave(state.member);
    this.#deps.ended(this, state.phase === 'joined' ? state.room : null);
  }

  /** Called once each heartbeat interval; a socket that was silent for two is dead. */
  beat(): void {
    if (this.#state.phase !== 'joined') return;
    if (!this.#heardSinceBeat) {
      this.#deps.refused(closeCodes.timedOut, 'Silent for two heartbeats.');
      this.#socket.terminate();
      this.closed();
      return;
    }
    this.#heardSinceBeat = false;
    this.#send({ type: 'heartbeat' });
  }

  /** Closes the socket for what it did. */
  refuse(code: CloseCode, reason: string): void {
    if (this.#state.phase === 'closed') return;
    this.#deps.refused(code, reason);
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
      const message = decodeForServer(frame);
      if (message.type === 'join') this.#join(message);
      else if (this.#state.phase !== 'joined') throw new MalformedFrameError('A heartbeat before the join.');
    }
  }

  #join({ tenantId, peerId, device }: Join): void {
    if (this.#state.phase !== 'joining') throw new MalformedFrameError('A second join on one socket.');
    this.#state.cancelDeadline();
    const room = this.#deps.roomOf(tenantId);
    const member = room.enter({
      peerId,
      device,
      send: (frame) => this.#transmit(frame),
      replaced: () => this.end(closeCodes.replaced, 'This device has joined through another socket.'),
    });
    this.#state = { phase: 'joined', room, member };
    const { heartbeatMs } = this.#deps;
    this.#send({ type: 'welcome', slot: member.slot, heartbeatMs, roster: room.rosterFor(member) });
  }

  #relay(frame: Uint8Array<ArrayBuffer>): void {
    if (this.#state.phase !== 'joined') throw new MalformedFrameError('A frame for a device before the join.');
    const { room, member } = this.#state;
    const relay = openRelayFrame(frame);
    const target = room.at(relay.targetSlot);
    if (target) target.send(relay.readdress(member.slot));
    else this.#send({ type: 'unreachable', slot: relay.targetSlot });
  }

  #send(message: ServerMessage): void {
    this.#transmit(encodeSignaling(message));
  }

  /** A device that reads more slowly than its room speaks is cut off rather than kept in memory. */
  #transmit(frame: Uint8Array<ArrayBuffer>): void {
    if (!this.#socket.isOpen) return;
    if (this.#socket.bufferedBytes > this.#deps.maxBufferedBytes) {
      this.#deps.refused(closeCodes.timedOut, `Over ${this.#deps.maxBufferedBytes} bytes wait to be read.`);
      this.#socket.terminate();
      return;
    }
    this.#socket.send(frame);
  }
}

/** Reasons are ASCII but for what a frame's own text brought in. */
function cutToBytes(text: string, maxBytes: number): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, maxBytes);
}
