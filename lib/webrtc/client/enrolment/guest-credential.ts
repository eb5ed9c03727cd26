import { openCredentialStore } from '#credential-store';
import { ageOf, type CredentialStore, credentialKey } from './credential-store.ts';
import { IssuerRefusedError, IssuerUnreachableError } from './errors.ts';
import { keptOf } from './issued.ts';
import { type EnrolmentDeps, enrolmentDeps, IssuerApi } from './issuer-api.ts';
import type { CredentialRequest } from './types.ts';
import { wait } from './wait.ts';

export interface GuestCredentialOptions {
  /** The address that `/v1/` is under: `https://id.example.com`. */
  issuer: string;
  /** Out of the table's QR code. */
  tableKey: string;
  /** Called when staff have not opened the table yet; the source goes on asking until they have. */
  onWaiting?(): void;
  /** Ends the waiting; the source then rejects with its reason. */
  signal?: AbortSignal;
  /** Default: IndexedDB in browsers, `~/.innmesh/credentials.json` (mode 0600) in Node. */
  store?: CredentialStore;
}

/** While the table is closed, and where the network is away. */
const WAITING_SECONDS = 5;

/**
 * A source of credentials for a guest's phone at a table. The issuer is asked each time, as staff may have closed the
 * table and opened it for others since; the kept one is for when it does not answer.
 *
 * The source rejects with `IssuerUnreachableError`, or with `IssuerRefusedError` for a code that is not good any more.
 */
export function guestCredential(options: GuestCredentialOptions, deps: EnrolmentDeps = enrolmentDeps) {
  const store = options.store ?? openCredentialStore();
  return async (request: CredentialRequest): Promise<string> => {
    const { tenantId, device } = request;
    const api = new IssuerApi(options.issuer, device, deps);
    const key = `${credentialKey(options.issuer, tenantId, device.peerId)} ${options.tableKey}`;
    for (;;) {
      const credential = await ask(api, key, tenantId, options, store, deps);
      if (credential !== null) return credential;
      options.onWaiting?.();
      await wait(deps.clock, WAITING_SECONDS * 1000, options.signal);
    }
  };
}

/** `null` while the table is closed. */
async function ask(
  api: IssuerApi,
  key: string,
  tenantId: string,
  { tableKey, signal }: GuestCredentialOptions,
  store: CredentialStore,
  deps: EnrolmentDeps,
): Promise<string | null> {
  try {
    const kept = keptOf(await api.post('/v1/guests', { tenantId, tableKey }, { signal }), deps.clock);
    await store.write(key, { ...kept, isConfirmed: true });
    return kept.credential;
  } catch (error) {
    if (error instanceof IssuerRefusedError && error.problem === 'table_closed') return null;
    const kept = error instanceof IssuerUnreachableError ? await store.read(key) : undefined;
    if (kept && ageOf(kept, deps.clock.nowMs()) < 1) return kept.credential;
    throw error;
  }
}
