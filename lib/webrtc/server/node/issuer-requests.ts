import { capabilitiesSchema, deviceInfoSchema, deviceNameSchema, limits, roles } from '@innmesh/protocol';
import * as s from '@innmesh/protocol/schema';
import { IssuerProblem, type ProblemDetails } from '../issuer/problems.ts';

/* What requests carry. Fields that are none of theirs are refused: a misspelt one would be ignored in silence. */

const tenantId = s.text({ min: 1, max: limits.tenantIdCharacters });
const secret = s.text({ min: 1, max: 512 });
const typedCode = s.text({ min: 1, max: 40 });
const peerId = s.textLike(/^[\w-]{43}$/, 'must be a device id: 43 characters of base64url');

export const enrolmentRequest = s.strictObject({
  tenantId,
  device: deviceInfoSchema,
  setupCode: s.optional(typedCode),
});
export const tokenRequest = s.strictObject({ tenantId, deviceCode: secret });
export const renewalRequest = s.strictObject({ tenantId, renewalToken: secret });
export const guestRequest = s.strictObject({ tenantId, tableKey: secret });
export const lookupRequest = s.strictObject({ userCode: typedCode });
export const approvalRequest = s.strictObject({
  userCode: typedCode,
  // A guest's credential names a table and ends with its session: there is no enrolling for one.
  role: s.picklist(roles.filter((role) => role !== 'guest')),
  name: deviceNameSchema,
  capabilities: capabilitiesSchema,
});
export const denialRequest = s.strictObject({ peerId });
export const openTableRequest = s.strictObject({
  /** At least a minute; at most the issuer's longest session. */
  lastsMinutes: s.optional(s.number({ min: 1, max: 24 * 60 })),
});
export const emptyRequest = s.strictObject({});
export const tableIdSchema = s.text({ min: 1, max: 128 });

/** Throws `invalid_request` with the path of the first wrong field. */
export function readRequest<S extends s.AnySchema>(schema: S, body: unknown): s.InferOutput<S> {
  return s.read(schema, body, (path, problem) => {
    const details: ProblemDetails = path ? { path } : {};
    return new IssuerProblem('invalid_request', `The request’s ${path ? `"${path}"` : 'body'} ${problem}.`, details);
  });
}
