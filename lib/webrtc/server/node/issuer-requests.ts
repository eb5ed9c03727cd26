import { deviceInfoSchema, explainIssue, limits, roles } from '@innmesh/protocol';
import * as v from 'valibot';
import { IssuerProblem, type ProblemDetails } from '../issuer/problems.ts';

/* What requests carry. Fields that are none of theirs are refused: a misspelt one would be ignored in silence. */

const tenantId = v.pipe(v.string(), v.nonEmpty(), v.maxLength(limits.tenantIdCharacters));
const secret = v.pipe(v.string(), v.nonEmpty(), v.maxLength(512));
const typedCode = v.pipe(v.string(), v.nonEmpty(), v.maxLength(40));
const peerId = v.pipe(v.string(), v.length(43, 'must be a device id: 43 characters of base64url'));

export const enrolmentRequest = v.strictObject({
  tenantId,
  device: deviceInfoSchema,
  setupCode: v.optional(typedCode),
});
export const tokenRequest = v.strictObject({ tenantId, deviceCode: secret });
export const renewalRequest = v.strictObject({ tenantId, renewalToken: secret });
export const guestRequest = v.strictObject({ tenantId, tableKey: secret });
export const lookupRequest = v.strictObject({ userCode: typedCode });
export const approvalRequest = v.strictObject({
  userCode: typedCode,
  // A guest's credential names a table and ends with its session: there is no enrolling for one.
  role: v.picklist(roles.filter((role) => role !== 'guest')),
  name: deviceInfoSchema.entries.name,
  capabilities: deviceInfoSchema.entries.capabilities,
});
export const denialRequest = v.strictObject({ peerId });
export const openTableRequest = v.strictObject({
  /** At least a minute; at most the issuer's longest session. */
  lastsMinutes: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(24 * 60))),
});
export const emptyRequest = v.strictObject({});
export const tableIdSchema = v.pipe(v.string(), v.nonEmpty(), v.maxLength(128));

/** Throws `invalid_request` with the path of the first wrong field. */
export function readRequest<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, body, { abortEarly: true });
  if (result.success) return result.output;
  const { path, problem } = explainIssue(result.issues[0]);
  const details: ProblemDetails = path ? { path } : {};
  throw new IssuerProblem('invalid_request', `The request’s ${path ? `"${path}"` : 'body'} ${problem}.`, details);
}
