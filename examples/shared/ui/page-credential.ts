import type { CredentialSource } from '@innmesh/webrtc';
import { type CredentialRequest, enrolledCredential, guestCredential } from '@innmesh/webrtc/enrolment';

/*
 * What a page's device shows of itself, where the page's server lets in only whom it knows. A device that has nothing to
 * show is sent to the pages of enrolment, and they send it back. `undefined` in development mode.
 */

/** Of one of the house's devices. */
export async function deviceCredential(): Promise<CredentialSource | undefined> {
  if (!(await isEnrolmentWanted())) return undefined;
  return (request) => {
    const onCode = () => leaveFor(`../enrolment/?${introductionOf(request)}`);
    return enrolledCredential({ issuer: location.origin, onCode })(request);
  };
}

/** Of a guest's phone, by the key that the table's QR code has brought it. */
export async function tableCredential(): Promise<CredentialSource | undefined> {
  if (!(await isEnrolmentWanted())) return undefined;
  const tableKey = new URLSearchParams(location.hash.slice(1)).get('key') ?? '';
  return (request) => {
    const onWaiting = () =>
      leaveFor(`../enrolment/table/#${new URLSearchParams({ tenant: request.tenantId, key: tableKey })}`);
    if (tableKey === '') onWaiting();
    return guestCredential({ issuer: location.origin, tableKey, onWaiting })(request);
  };
}

function introductionOf({ tenantId, deviceInfo: { type, name, capabilities } }: CredentialRequest): URLSearchParams {
  const introduction = { tenant: tenantId, type, name, capabilities: capabilities.join(','), next: location.href };
  return new URLSearchParams(introduction);
}

/** Without an entry in the history: going back would come here again. */
function leaveFor(path: string): void {
  location.replace(new URL(path, location.href));
}

async function isEnrolmentWanted(): Promise<boolean> {
  const response = await fetch('../settings.json').catch(() => null);
  if (!response?.ok || !response.headers.get('content-type')?.includes('json')) return false;
  const { enrolment }: { enrolment?: boolean } = await response.json();
  return enrolment === true;
}
