import type { IssuerContext } from './context.ts';
import { issueCredential } from './credentials.ts';
import type { Prover } from './dpop.ts';
import { IssuerProblem } from './problems.ts';
import { announceDenyList, deny, nextGeneration, tenantOf } from './revocation.ts';
import type { GuestRecord, TableSession } from './store.ts';
import { GUEST_KEPT_MS, openSession, tableByKey } from './tables.ts';

/** What a guest's phone gets. It is not renewed: it ends with the session, and is asked for anew with the table's key. */
export interface GuestIssued {
  credential: string;
  tenantId: string;
  tableId: string;
  issuedAtMs: number;
  expiresAtMs: number;
}

/** How often a phone that waits for its table may ask. */
const WAITING_SECONDS = 5;

/**
 * Lets a phone in that has scanned its table's code, while staff have the table open.
 * @throws IssuerProblem `unknown_tenant`, `invalid_table_key`, `table_closed`, `table_full`, `not_allowed`
 * for one of the house's devices
 */
export function admitGuest(
  context: IssuerContext,
  { peerId }: Prover,
  tenantId: string,
  tableKey: string,
): GuestIssued {
  const { issued, hasMoved } = context.store.transaction(() => admit(context, peerId, tenantId, tableKey));
  if (hasMoved) announceDenyList(context, tenantId);
  return issued;
}

function admit(context: IssuerContext, peerId: string, tenantId: string, tableKey: string) {
  const { store, clock } = context;
  tenantOf(context, tenantId);
  const table = tableByKey(context, tenantId, tableKey);
  const session = openSession(context, table);
  if (!session) {
    throw new IssuerProblem('table_closed', 'Staff have not opened this table yet. Tell them that you are here.', {
      retryAfterSeconds: WAITING_SECONDS,
    });
  }
  refuseTheHouse(context, tenantId, peerId);
  const before = store.get('guest', tenantId, peerId);
  const isNew = before?.sessionId !== session.sessionId;
  if (isNew) keepToTheBound(context, tenantId, session);
  const hasMoved = isNew && leaveTable(context, tenantId, before);
  const generation = isNew ? nextGeneration(context, tenantId, peerId) : before.generation;
  const { tableId } = table;
  const { sessionId, endsAtMs } = session;
  const guest = { peerId, tableId, sessionId, generation, credentialEndsAtMs: endsAtMs };
  store.put('guest', tenantId, peerId, guest, endsAtMs + GUEST_KEPT_MS);
  const subject = { tenantId, peerId, role: 'guest' as const, capabilities: [], generation, tableId };
  const credential = issueCredential(context, subject, endsAtMs);
  const issued: GuestIssued = { credential, tenantId, tableId, issuedAtMs: clock.nowMs(), expiresAtMs: endsAtMs };
  return { issued, hasMoved };
}

/** What denies the guest would put the device out. */
function refuseTheHouse({ store }: IssuerContext, tenantId: string, peerId: string): void {
  if (store.get('device', tenantId, peerId)?.status !== 'active') return;
  throw new IssuerProblem('not_allowed', 'This is one of the house’s devices, and cannot be a guest as well.');
}

function keepToTheBound({ store, limits }: IssuerContext, tenantId: string, session: TableSession): void {
  const guests = store.list('guest', tenantId).filter(({ sessionId }) => sessionId === session.sessionId);
  if (guests.length < limits.guestsPerSession) return;
  throw new IssuerProblem('table_full', 'As many phones as may be are at this table already. Tell the staff.');
}

/** A phone is at one table: what it holds for the last one, where that is still open, ends with its coming here. */
function leaveTable(context: IssuerContext, tenantId: string, before: GuestRecord | undefined): boolean {
  if (!before?.sessionId || before.credentialEndsAtMs <= context.clock.nowMs()) return false;
  deny(context, tenantId, [{ ...before, firstGoodGeneration: before.generation + 1 }]);
  return true;
}
