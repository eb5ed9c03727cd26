import { authenticate, type Member, requireManager, requireTableStaff } from '../issuer/authority.ts';
import type { IssuerContext } from '../issuer/context.ts';
import { listDevices, revokeDevice } from '../issuer/devices.ts';
import { type Prover, verifyProof } from '../issuer/dpop.ts';
import {
  approveEnrolment,
  askForEnrolment,
  denyEnrolment,
  findByUserCode,
  listPending,
  pollEnrolment,
} from '../issuer/enrolments.ts';
import { admitGuest } from '../issuer/guests.ts';
import { confirmRenewal, renewCredential } from '../issuer/renewals.ts';
import { denyListOf } from '../issuer/revocation.ts';
import { closeTable, listTables, openTable, rotateTableKey, tableKeyOf } from '../issuer/tables.ts';
import type { Answer } from './http-exchange.ts';
import {
  approvalRequest,
  denialRequest,
  emptyRequest,
  enrolmentRequest,
  guestRequest,
  lookupRequest,
  openTableRequest,
  readRequest,
  renewalRequest,
  tableIdSchema,
  tokenRequest,
} from './issuer-requests.ts';

/** One request, as far as the routes look at it. */
export interface Call {
  context: IssuerContext;
  method: string;
  path: string;
  /** What stood in the path's `*`, decoded. */
  parameter: string;
  body: unknown;
  address: string;
  /** Where we are reached. */
  origins: readonly string[];
  /** Where the pages are: ends with `/`. */
  pagesUrl: string;
  headers: { authorization?: string | undefined; dpop?: string | undefined; ifNoneMatch?: string | undefined };
}

type Route = (call: Call) => Answer;

const done: Answer = { body: {} };

/** `*` stands for one part of the path. */
export const routes: Record<string, Route> = {
  'GET /v1/issuer-keys': publicKeys,
  'GET /v1/deny-lists/*': denyList,
  'POST /v1/enrolments': byKey(ask),
  'POST /v1/enrolments/token': byKey((call, prover) => {
    const { tenantId, deviceCode } = readRequest(tokenRequest, call.body);
    return { body: pollEnrolment(call.context, prover, tenantId, deviceCode) };
  }),
  'POST /v1/renewals': byKey((call, prover) => {
    const { tenantId, renewalToken } = readRequest(renewalRequest, call.body);
    return { body: renewCredential(call.context, prover, tenantId, renewalToken) };
  }),
  'POST /v1/renewals/confirm': byKey((call, prover) => {
    const { tenantId, renewalToken } = readRequest(renewalRequest, call.body);
    confirmRenewal(call.context, prover, tenantId, renewalToken);
    return done;
  }),
  'POST /v1/guests': byKey((call, prover) => {
    const { tenantId, tableKey } = readRequest(guestRequest, call.body);
    return { body: admitGuest(call.context, prover, tenantId, tableKey) };
  }),
  'GET /v1/enrolments': byManager(({ context }, manager) => ({ body: { pending: listPending(context, manager) } })),
  'POST /v1/enrolments/lookup': byManager(({ context, body, address }, manager) => {
    const { userCode } = readRequest(lookupRequest, body);
    return { body: findByUserCode(context, manager, userCode, address) };
  }),
  'POST /v1/enrolments/approve': byManager(({ context, body, address }, manager) => {
    const { userCode, ...grant } = readRequest(approvalRequest, body);
    approveEnrolment(context, manager, userCode, grant, address);
    return done;
  }),
  'POST /v1/enrolments/deny': byManager(({ context, body }, manager) => {
    denyEnrolment(context, manager, readRequest(denialRequest, body).peerId);
    return done;
  }),
  'GET /v1/devices': byManager(({ context }, manager) => ({ body: { devices: listDevices(context, manager) } })),
  'POST /v1/devices/*/revoke': byManager(({ context, body, parameter }, manager) => {
    readRequest(emptyRequest, body);
    revokeDevice(context, manager, parameter);
    return done;
  }),
  'GET /v1/tables': byStaff(({ context }, staff) => ({ body: { tables: listTables(context, staff) } })),
  'POST /v1/tables/*/key': byManager((call, manager) => tableKey(call, manager, tableKeyOf)),
  'POST /v1/tables/*/key/rotate': byManager((call, manager) => tableKey(call, manager, rotateTableKey)),
  'POST /v1/tables/*/open': byStaff(({ context, body, parameter }, staff) => {
    const { lastsMinutes } = readRequest(openTableRequest, body);
    const lastsMs = lastsMinutes === undefined ? undefined : lastsMinutes * 60_000;
    return { body: openTable(context, staff, parameter, lastsMs) };
  }),
  'POST /v1/tables/*/close': byStaff(({ context, body, parameter }, staff) => {
    readRequest(emptyRequest, body);
    closeTable(context, staff, parameter);
    return done;
  }),
};

/** Proof of the key alone: for who has no credential yet. */
function byKey(answer: (call: Call, prover: Prover) => Answer): Route {
  return (call) => {
    const { context, headers } = call;
    return answer(call, verifyProof(context, headers.dpop, { ...call, credential: null }));
  };
}

function byManager(answer: (call: Call, manager: Member) => Answer): Route {
  return byMember(requireManager, answer);
}

function byStaff(answer: (call: Call, staff: Member) => Answer): Route {
  return byMember(requireTableStaff, answer);
}

function byMember(require: (member: Member) => void, answer: (call: Call, member: Member) => Answer): Route {
  return (call) => {
    const { context, headers } = call;
    const member = authenticate(context, headers.authorization, headers.dpop, call);
    require(member);
    return answer(call, member);
  };
}

/** The next key is in it long before it signs, so an hour in a cache does no harm; a year would. */
function publicKeys({ context }: Call): Answer {
  const headers = { 'cache-control': 'public, max-age=3600', 'content-type': 'application/jwk-set+json' };
  return { headers, body: context.keys.publicKeys(context.clock.nowMs()) };
}

/** Signed, and of no use to whoever has no credential of the tenant: anybody may fetch it. */
function denyList({ context, parameter, headers }: Call): Answer {
  const { token, version } = denyListOf(context, parameter);
  const etag = `"${version}"`;
  const isKnown = (headers.ifNoneMatch ?? '').split(/\s*,\s*/).includes(etag);
  const answered = { etag, 'cache-control': 'no-cache', 'content-type': 'application/jwt' };
  return isKnown ? { status: 304, headers: answered, body: '' } : { headers: answered, body: token };
}

function ask({ context, body, address, pagesUrl }: Call, prover: Prover): Answer {
  const { tenantId, device, setupCode } = readRequest(enrolmentRequest, body);
  const asked = askForEnrolment(context, prover, { tenantId, device, setupCode, address });
  const verificationUri = `${pagesUrl}manage/`;
  // Behind `#`, which no server ever sees.
  const code = new URLSearchParams({ tenant: tenantId, code: asked.userCode });
  return { body: { ...asked, verificationUri, verificationUriComplete: `${verificationUri}#${code}` } };
}

function tableKey(
  { context, body, parameter, pagesUrl }: Call,
  manager: Member,
  keyOf: (context: IssuerContext, manager: Member, tableId: string) => string,
): Answer {
  readRequest(emptyRequest, body);
  const key = keyOf(context, manager, readRequest(tableIdSchema, parameter));
  const fragment = new URLSearchParams({ tenant: manager.tenantId, key });
  return { body: { tableKey: key, url: `${pagesUrl}table/#${fragment}` } };
}
