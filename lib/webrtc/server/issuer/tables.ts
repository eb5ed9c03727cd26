import { randomId } from '@innmesh/kit';
import { fromBase64url, toBase64url } from '@innmesh/protocol';
import type { Member } from './authority.ts';
import type { IssuerContext } from './context.ts';
import { IssuerProblem } from './problems.ts';
import { announceDenyList, deny } from './revocation.ts';
import { deriveSecret, isSame } from './secrets.ts';
import type { GuestRecord, TableRecord } from './store.ts';

/** As staff see a table. */
export interface TableView {
  tableId: string;
  session: { openedAtMs: number; endsAtMs: number; guests: number } | null;
}

/** Of the staff device's own tenant. */
export function listTables(context: IssuerContext, { tenantId }: Member): TableView[] {
  const guests = context.store.list('guest', tenantId);
  return context.store.list('table', tenantId).map((table) => viewOf(context, table, guests));
}

function viewOf(context: IssuerContext, table: TableRecord, guests: GuestRecord[]): TableView {
  const session = openSession(context, table);
  const count = guests.filter(({ sessionId }) => sessionId === session?.sessionId).length;
  const { tableId } = table;
  return {
    tableId,
    session: session && { openedAtMs: session.openedAtMs, endsAtMs: session.endsAtMs, guests: count },
  };
}

/**
 * The key that is printed as the table's QR code. It is derived from the issuer's secret, so that it can be printed again
 * and is nowhere kept. A table that is new here comes to be.
 */
export function tableKeyOf(context: IssuerContext, { tenantId }: Member, tableId: string): string {
  const { store } = context;
  const table = store.get('table', tenantId, tableId) ?? { tableId, keyVersion: 1, session: null };
  store.put('table', tenantId, tableId, table);
  return keyOf(context, tenantId, table);
}

/** A new key; what is printed with the old one leads nowhere any more. Throws `unknown_table`. */
export function rotateTableKey(context: IssuerContext, member: Member, tableId: string): string {
  const { store } = context;
  return store.transaction(() => {
    const table = tableOf(context, member.tenantId, tableId);
    const rotated = { ...table, keyVersion: table.keyVersion + 1 };
    store.put('table', member.tenantId, tableId, rotated);
    return keyOf(context, member.tenantId, rotated);
  });
}

/** Begins with the table's id, so that it is found, and is in base64url as that may be any text. */
function keyOf({ keys }: IssuerContext, tenantId: string, { tableId, keyVersion }: TableRecord): string {
  const secret = deriveSecret(keys.secret, 'table key', tenantId, tableId, String(keyVersion));
  return `${toBase64url(new TextEncoder().encode(tableId))}.${secret.slice(0, 22)}`;
}

/** The table that this key is for. Throws `invalid_table_key`. */
export function tableByKey(context: IssuerContext, tenantId: string, tableKey: string): TableRecord {
  const table = context.store.get('table', tenantId, idInKey(tableKey));
  if (table && isSame(tableKey, keyOf(context, tenantId, table))) return table;
  throw new IssuerProblem(
    'invalid_table_key',
    'This QR code is not good any more. Ask staff for the table’s current one.',
  );
}

function idInKey(tableKey: string): string {
  try {
    return new TextDecoder().decode(fromBase64url(tableKey.split('.')[0] ?? ''));
  } catch {
    return '';
  }
}

/** The session that is open now. */
export function openSession({ clock }: IssuerContext, { session }: TableRecord): TableRecord['session'] {
  return session && session.endsAtMs > clock.nowMs() ? session : null;
}

/**
 * Guests of the table are let in from now on. One that is open already is left as it is.
 * @throws IssuerProblem `unknown_table`
 */
export function openTable(context: IssuerContext, staff: Member, tableId: string, lastsMs?: number): TableView {
  const { store, clock, random, limits } = context;
  const opened = store.transaction(() => {
    const table = tableOf(context, staff.tenantId, tableId);
    if (openSession(context, table)) return table;
    const openedAtMs = clock.nowMs();
    const endsAtMs = openedAtMs + Math.min(lastsMs ?? limits.sessionMs, limits.longestSessionMs);
    const session = { sessionId: randomId(random, 16), openedAtMs, endsAtMs, openedBy: staff.peerId };
    store.put('table', staff.tenantId, tableId, { ...table, session });
    return { ...table, session };
  });
  return viewOf(context, opened, store.list('guest', staff.tenantId));
}

/** Every guest of the session is out: denied by name until what they hold has expired. Throws `unknown_table`. */
export function closeTable(context: IssuerContext, staff: Member, tableId: string): void {
  const { store } = context;
  const { tenantId } = staff;
  const hadGuests = store.transaction(() => {
    const table = tableOf(context, tenantId, tableId);
    const guests = store.list('guest', tenantId).filter(({ sessionId }) => sessionId === table.session?.sessionId);
    store.put('table', tenantId, tableId, { ...table, session: null });
    for (const guest of guests) {
      store.put('guest', tenantId, guest.peerId, { ...guest, sessionId: '' }, guest.credentialEndsAtMs + GUEST_KEPT_MS);
    }
    if (guests.length > 0) {
      deny(
        context,
        tenantId,
        guests.map((guest) => ({ ...guest, firstGoodGeneration: guest.generation + 1 })),
      );
    }
    return guests.length > 0;
  });
  if (hadGuests) announceDenyList(context, tenantId);
}

/** How long a guest's generation is remembered after the last credential of it: until nobody would take that any more. */
export const GUEST_KEPT_MS = 60 * 60_000;

function tableOf({ store }: IssuerContext, tenantId: string, tableId: string): TableRecord {
  const table = store.get('table', tenantId, tableId);
  if (table) return table;
  throw new IssuerProblem('unknown_table', 'This property has no such table. Add it on the manager’s page.');
}
