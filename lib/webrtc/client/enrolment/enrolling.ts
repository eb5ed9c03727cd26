import * as s from '@innmesh/protocol/schema';
import type { KeptCredential } from './credential-store.ts';
import { EnrolmentDeniedError, IssuerRefusedError, IssuerUnreachableError } from './errors.ts';
import { keptOf, noIssuer } from './issued.ts';
import type { EnrolmentDeps, IssuerApi } from './issuer-api.ts';
import type { CredentialRequest, EnrolmentCode } from './types.ts';
import { wait } from './wait.ts';

const askedSchema = s.object({
  deviceCode: s.text(),
  userCode: s.text(),
  verificationUri: s.text(),
  verificationUriComplete: s.text(),
  expiresInSeconds: s.number(),
  intervalSeconds: s.number(),
});
type Asked = s.InferOutput<typeof askedSchema>;

export interface EnrollingOptions {
  setupCode?: string | undefined;
  signal?: AbortSignal | undefined;
  onCode(code: EnrolmentCode): void;
}

/** Asks to be let in, and goes on asking, with a new code when one has expired, until a manager has decided. */
export async function enrol(
  api: IssuerApi,
  { tenantId, deviceInfo }: CredentialRequest,
  { setupCode, signal, onCode }: EnrollingOptions,
  deps: EnrolmentDeps,
): Promise<KeptCredential> {
  for (;;) {
    const question = { tenantId, device: deviceInfo, ...(setupCode !== undefined && { setupCode }) };
    const asked = s.read(askedSchema, await api.post('/v1/enrolments', question, { signal }), noIssuer);
    // A setup code has decided already: there is nothing to show.
    if (setupCode === undefined) onCode(codeOf(asked, deps.clock.nowMs()));
    const issued = await poll(api, tenantId, asked, signal, deps);
    if (issued) return issued;
  }
}

function codeOf(asked: Asked, nowMs: number): EnrolmentCode {
  return {
    userCode: asked.userCode,
    verificationUri: asked.verificationUri,
    qrText: asked.verificationUriComplete,
    expiresAtMs: nowMs + asked.expiresInSeconds * 1000,
  };
}

/** `null` when the code has expired. */
async function poll(
  api: IssuerApi,
  tenantId: string,
  { deviceCode, intervalSeconds }: Asked,
  signal: AbortSignal | undefined,
  deps: EnrolmentDeps,
): Promise<KeptCredential | null> {
  let seconds = intervalSeconds;
  for (;;) {
    try {
      const answer = await api.post('/v1/enrolments/token', { tenantId, deviceCode }, { signal });
      return keptOf(answer, deps.clock);
    } catch (error) {
      const next = nextInterval(error, seconds);
      if (next === null) return null;
      seconds = next;
    }
    await wait(deps.clock, seconds * 1000, signal);
  }
}

/** The longest that a device waits for a network to come back. */
const MAX_INTERVAL_SECONDS = 30;

/** RFC 8628 §3.5; `null` when the code has expired. Throws what ends the asking. */
function nextInterval(error: unknown, seconds: number): number | null {
  if (error instanceof IssuerUnreachableError) return Math.min(seconds * 2, MAX_INTERVAL_SECONDS);
  if (!(error instanceof IssuerRefusedError)) throw error;
  if (error.problem === 'expired_token') return null;
  if (error.problem === 'access_denied') throw new EnrolmentDeniedError();
  if (error.retryAfterSeconds === null) throw error;
  return error.retryAfterSeconds;
}
