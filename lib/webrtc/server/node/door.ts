import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { AddressGuard } from '../limits/address-guard.ts';
import { truncatedAddress } from '../limits/ip-address.ts';
import type { Limits } from '../limits/limit-options.ts';
import type { RefusalNote } from '../log/refusal-log.ts';
import type { Remote } from '../remote.ts';
import { type HttpRefusal, refuseSocket } from './http-answers.ts';
import { type AllowedOrigins, refuseOrigin } from './origin.ts';
import { refuseBody, refuseHeaders, refuseTokenInUrl } from './request-checks.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

export interface DoorDeps {
  guard: AddressGuard;
  proxies: TrustedProxies;
  origins: AllowedOrigins;
  limits: Limits['http'];
  refused(note: RefusalNote): void;
}

/** Looks at connections, requests and upgrades before anything is done for them. */
export class Door {
  readonly limits: Limits['http'];
  readonly #deps: DoorDeps;

  constructor(deps: DoorDeps) {
    this.limits = deps.limits;
    this.#deps = deps;
  }

  /** A TCP connection has come. Those of a proxy are many by nature; their clients are counted one by one. */
  admitConnection(socket: Socket): void {
    const { guard, proxies } = this.#deps;
    const address = socket.remoteAddress ?? '';
    if (proxies.trusts(address)) return;
    const entry = guard.connect(address);
    if (entry.refusal) this.refuseSocket(socket, tooMany(entry.refusal), address);
    else socket.once('close', entry.leave);
  }

  /** Why a request is not answered, if it is not. */
  refuseRequest(request: IncomingMessage): HttpRefusal | null {
    const { bodyBytes, headers } = this.limits;
    return refuseTokenInUrl(request.url) ?? refuseHeaders(request, headers) ?? refuseBody(request, bodyBytes);
  }

  /** Whose WebSocket it is going to be, or null: the connection was refused and is closed. */
  admitUpgrade(request: IncomingMessage, socket: Socket): Remote | null {
    const address = this.addressOf(request);
    const refusal = this.#refuseUpgrade(request);
    const entry = refusal ? null : this.#deps.guard.openSocket(address);
    if (entry?.refusal === null) {
      socket.once('close', entry.leave);
      return this.#deps.guard.remoteOf(address, request.headers.host?.toLowerCase() ?? '');
    }
    const why = refusal ?? (entry?.refusal && tooMany(entry.refusal));
    if (why) this.refuseSocket(socket, why, address);
    return null;
  }

  /** Closes the connection with an answer. */
  refuseSocket(socket: Socket, refusal: HttpRefusal, address = socket.remoteAddress ?? ''): void {
    this.note(refusal, address);
    refuseSocket(socket, refusal);
  }

  /** Counts and logs a refusal that another gives. */
  note({ kind, status, text }: Pick<HttpRefusal, 'kind' | 'text'> & { status: number }, address: string): void {
    this.#deps.refused({ kind, code: status, reason: text, address: truncatedAddress(address) });
  }

  addressOf({ socket, headers }: IncomingMessage): string {
    const forwardedFor = headers['x-forwarded-for'];
    return this.#deps.proxies.clientOf(socket.remoteAddress ?? '', String(forwardedFor ?? ''));
  }

  #refuseUpgrade(request: IncomingMessage): HttpRefusal | null {
    const { origin, host } = request.headers;
    return this.refuseRequest(request) ?? refuseOrigin(origin, host, this.#deps.origins);
  }
}

function tooMany({ kind, text, retryAfterS }: { kind: HttpRefusal['kind']; text: string; retryAfterS: number }) {
  return { kind, text, status: 429, headers: { 'retry-after': String(retryAfterS) } } satisfies HttpRefusal;
}
