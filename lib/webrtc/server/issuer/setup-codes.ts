import { newCode, normalizeCode, SETUP_CODE_CHARACTERS } from './codes.ts';
import type { IssuerContext } from './context.ts';
import { IssuerProblem } from './problems.ts';
import { createTenant } from './revocation.ts';
import { hashOf } from './secrets.ts';

/**
 * A code that makes the first manager of one property, once. Without a tenant it is good for one that is not set up yet,
 * so that its holder cannot take over another; with one, for that alone, also where all its managers are lost.
 */
export function createSetupCode(
  { store, clock, random, limits }: IssuerContext,
  tenantId: string | null = null,
): string {
  const code = newCode(SETUP_CODE_CHARACTERS, random);
  const codeHash = hashOf(normalizeCode(code));
  const expiresAtMs = clock.nowMs() + limits.setupCodeMs;
  store.put('setupCode', '', codeHash, { codeHash, tenantId, expiresAtMs }, expiresAtMs);
  return code;
}

/** While nothing is set up, each start makes a new code in place of the last one, whose text nobody has any more. */
export function firstSetupCode(context: IssuerContext): string | null {
  const { store } = context;
  if (store.tenants().length > 0) return null;
  return store.transaction(() => {
    const unbound = store.list('setupCode', '').filter(({ tenantId }) => tenantId === null);
    for (const { codeHash } of unbound) store.delete('setupCode', '', codeHash);
    return createSetupCode(context);
  });
}

/** Uses the code up. Within a transaction. */
export function useSetupCode(context: IssuerContext, typed: string, tenantId: string, address: string): void {
  const { store, clock, tries } = context;
  const waitSeconds = tries.setupCodes.waitSeconds(address);
  if (waitSeconds > 0) {
    const message = `Too many wrong setup codes. Try again in ${Math.ceil(waitSeconds / 60)} minutes.`;
    throw new IssuerProblem('too_many_requests', message, { retryAfterSeconds: waitSeconds });
  }
  const codeHash = hashOf(normalizeCode(typed));
  const code = store.get('setupCode', '', codeHash);
  if (!code || code.expiresAtMs <= clock.nowMs() || (code.tenantId !== null && code.tenantId !== tenantId)) {
    tries.setupCodes.noteFailure(address);
    throw new IssuerProblem(
      'invalid_setup_code',
      'This setup code is not good: mistyped, used, expired, or for another property. The operator can print a new one.',
    );
  }
  const isSetUp = store.get('tenant', tenantId, '') !== undefined;
  if (isSetUp && code.tenantId === null) {
    throw new IssuerProblem(
      'tenant_exists',
      `"${tenantId.slice(0, 40)}" is set up already: ask one of its managers, or have the operator print a code for it.`,
    );
  }
  store.delete('setupCode', '', codeHash);
  if (!isSetUp) createTenant(context, tenantId);
}
