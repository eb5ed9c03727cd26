import { type CredentialClaims, type Role, readCredential } from '@innmesh/protocol';
import {
  type CredentialRequest,
  deviceIdentity,
  type EnrolmentCode,
  EnrolmentDeniedError,
  enrolledCredential,
  type IssuerRefusedError,
} from '@innmesh/webrtc/enrolment';
import { signal } from '@preact/signals';
import { rememberProperty } from '../shared/property-of-device.ts';
import type { Settings } from '../shared/settings.ts';

/** What a person says of the device before it asks. */
export interface Introduction {
  tenant: string;
  name: string;
  type: Role;
  setupCode: string;
}

/** How this device stands with the property. */
export type Standing =
  | { step: 'introduction'; problem: string | null }
  | { step: 'asking' }
  | { step: 'waiting'; code: EnrolmentCode }
  | { step: 'denied' }
  | { step: 'failed'; error: unknown }
  | { step: 'in'; claims: CredentialClaims; request: CredentialRequest };

/** This device's way into a property. */
export class DeviceStanding {
  readonly standing = signal<Standing>({ step: 'asking' });
  readonly introduction = signal<Introduction>({ tenant: '', name: '', type: 'staff', setupCode: '' });
  readonly #settings: Settings;
  #asking = new AbortController();

  constructor(settings: Settings) {
    this.#settings = settings;
    const { tenant, name, type } = settings;
    this.introduction.value = { tenant, name, type, setupCode: '' };
    if (tenant && name) this.ask();
    else this.introduce();
  }

  /** Back to the questions. */
  introduce(problem: string | null = null): void {
    this.#asking.abort(new Error('asked otherwise'));
    this.standing.value = { step: 'introduction', problem };
  }

  /** Asks with what was said; a kept credential that is good is enough. */
  async ask(): Promise<void> {
    this.#asking.abort(new Error('asked otherwise'));
    const asking = new AbortController();
    this.#asking = asking;
    if (this.standing.value.step !== 'in') this.standing.value = { step: 'asking' };
    try {
      const request = await this.#request();
      const credential = await this.source(asking.signal)(request);
      if (!asking.signal.aborted) {
        const { claims } = readCredential(credential);
        rememberProperty(claims.tenant);
        this.standing.value = { step: 'in', claims, request };
      }
    } catch (error) {
      if (!asking.signal.aborted) this.#failed(error);
    }
  }

  /** Of credentials for this device; it asks a manager where there is none. */
  source(signal: AbortSignal, alwaysRenew = true) {
    const { setupCode } = this.introduction.value;
    return enrolledCredential({
      issuer: this.#settings.issuer,
      alwaysRenew,
      signal,
      onCode: (code) => {
        if (!signal.aborted) this.standing.value = { step: 'waiting', code };
      },
      ...(setupCode && { setupCode }),
    });
  }

  async #request(): Promise<CredentialRequest> {
    const { tenant, name, type } = this.introduction.value;
    const deviceInfo = { type, name: name || 'Unnamed device', capabilities: this.#settings.capabilities };
    return { tenantId: tenant, deviceInfo, device: await deviceIdentity() };
  }

  /** What the person can mend brings the questions back. */
  #failed(error: unknown): void {
    const problem = (error as Partial<IssuerRefusedError>).problem ?? '';
    const mendable = ['unknown_tenant', 'invalid_setup_code', 'tenant_exists', 'invalid_request'];
    if (error instanceof EnrolmentDeniedError) this.standing.value = { step: 'denied' };
    else if (mendable.includes(problem)) this.introduce((error as Error).message);
    else this.standing.value = { step: 'failed', error };
  }
}
