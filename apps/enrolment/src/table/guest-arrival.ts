import { readCredential } from '@innmesh/protocol';
import { deviceIdentity, guestCredential, IssuerRefusedError } from '@innmesh/webrtc/enrolment';
import { signal } from '@preact/signals';
import type { Settings } from '../shared/settings.ts';

export type Arrival =
  | { step: 'arriving' }
  | { step: 'waiting' }
  | { step: 'no-code' }
  | { step: 'seated'; table: string; orderUrl: string }
  | { step: 'wrong-code'; words: string }
  | { step: 'failed'; error: unknown };

/** A guest's phone that has scanned the table's code. */
export class GuestArrival {
  readonly state = signal<Arrival>({ step: 'arriving' });
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async arrive(): Promise<void> {
    const { tenant, key, issuer } = this.#settings;
    if (key === '') {
      this.state.value = { step: 'no-code' };
      return;
    }
    this.state.value = { step: 'arriving' };
    try {
      const source = guestCredential({ issuer, tableKey: key, onWaiting: () => this.#waits() });
      const deviceInfo = { type: 'guest' as const, name: 'Guest', capabilities: [] };
      const credential = await source({ tenantId: tenant, deviceInfo, device: await deviceIdentity() });
      const { table = '' } = readCredential(credential).claims;
      const orderUrl = orderPage(tenant, table, key);
      this.state.value = { step: 'seated', table, orderUrl };
      location.replace(orderUrl);
    } catch (error) {
      this.state.value = endOf(error);
    }
  }

  #waits(): void {
    this.state.value = { step: 'waiting' };
  }
}

/** The key goes along behind `#`: the order page asks with it again when the credential is over. */
function orderPage(tenant: string, table: string, key: string): string {
  const query = new URLSearchParams({ tenant, table });
  return new URL(`../../guest/?${query}#${new URLSearchParams({ key })}`, location.href).href;
}

function endOf(error: unknown): Arrival {
  const codes = ['invalid_table_key', 'unknown_tenant', 'invalid_request', 'not_allowed'];
  if (error instanceof IssuerRefusedError && codes.includes(error.problem)) {
    return { step: 'wrong-code', words: error.message };
  }
  return { step: 'failed', error };
}
