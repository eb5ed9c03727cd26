import { type Clock, type Random, systemClock, systemRandom } from '@innmesh/kit';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { createProof } from './dpop-proof.ts';
import { IssuerRefusedError, IssuerUnreachableError, type ProblemBody } from './errors.ts';

/** What the enrolment stands on; tests replace it. */
export interface EnrolmentDeps {
  clock: Clock;
  random: Random;
  fetch: typeof fetch;
}

export const enrolmentDeps: EnrolmentDeps = {
  clock: systemClock,
  random: systemRandom,
  fetch: (...args) => fetch(...args),
};

export interface CallOptions {
  /** Default: none. */
  credential?: string;
  /** Default: 10 seconds. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const TIMEOUT_MS = 10_000;

/** Calls an issuer in the name of a device: each request with a proof of its own. */
export class IssuerApi {
  readonly #base: string;
  readonly #device: DeviceIdentity;
  readonly #deps: EnrolmentDeps;
  /** How far the issuer's clock is ahead of this device's. */
  #offsetMs = 0;

  /** `issuer`: the address that `/v1/` is under: `https://id.example.com`. */
  constructor(issuer: string, device: DeviceIdentity, deps: EnrolmentDeps) {
    this.#base = issuer.replace(/\/+$/, '');
    this.#device = device;
    this.#deps = deps;
  }

  get(path: string, options: CallOptions = {}): Promise<unknown> {
    return this.#call('GET', path, undefined, options);
  }

  post(path: string, body: object, options: CallOptions = {}): Promise<unknown> {
    return this.#call('POST', path, body, options);
  }

  /** Once more where this device's clock is wrong: the refusal says what time it is. */
  async #call(method: string, path: string, body: object | undefined, options: CallOptions): Promise<unknown> {
    const first = await this.#send(method, path, body, options);
    if (!isProblem(first, 'stale_dpop_proof') || first.serverTimeMs === undefined) return unwrap(first);
    this.#offsetMs = first.serverTimeMs - this.#deps.clock.nowMs();
    return unwrap(await this.#send(method, path, body, options));
  }

  async #send(method: string, path: string, body: object | undefined, options: CallOptions): Promise<unknown> {
    const { credential = null, timeoutMs = TIMEOUT_MS, signal } = options;
    const url = this.#base + path;
    const target = { method, url, nowMs: this.#deps.clock.nowMs() + this.#offsetMs, credential };
    const dpop = await createProof(this.#device, target, this.#deps.random);
    const headers = {
      dpop,
      ...(body && { 'content-type': 'application/json' }),
      ...(credential && { authorization: `DPoP ${credential}` }),
    };
    const within = limitedBy(this.#deps.clock, timeoutMs, signal);
    try {
      const response = await this.#deps.fetch(url, {
        method,
        headers,
        signal: within.signal,
        ...(body && { body: JSON.stringify(body) }),
      });
      return await readAnswer(response);
    } catch (error) {
      signal?.throwIfAborted();
      throw new IssuerUnreachableError(this.#base, error);
    } finally {
      within.release();
    }
  }
}

/** `AbortSignal.any` is missing in the browsers of older iPads. */
function limitedBy(clock: Clock, timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort);
  const cancel = clock.setTimer(abort, timeoutMs);
  const release = () => {
    cancel();
    signal?.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, release };
}

class Problem {
  readonly body: ProblemBody;
  constructor(body: ProblemBody) {
    this.body = body;
  }
  get serverTimeMs(): number | undefined {
    return this.body.serverTimeMs;
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  if (response.ok && body !== null) return body;
  const told = (body ?? {}) as Partial<ProblemBody>;
  const { status } = response;
  const detail = `Something at this address answers with ${status}, and is no issuer.`;
  return new Problem({ ...told, code: told.code ?? 'no_issuer', status, detail: told.detail ?? detail });
}

const isProblem = (answer: unknown, code: string): answer is Problem =>
  answer instanceof Problem && answer.body.code === code;

function unwrap(answer: unknown): unknown {
  if (answer instanceof Problem) throw new IssuerRefusedError(answer.body);
  return answer;
}
