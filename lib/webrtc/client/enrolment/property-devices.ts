import type { Role } from '@innmesh/protocol';
import { type EnrolmentDeps, enrolmentDeps, IssuerApi } from './issuer-api.ts';
import type { CredentialRequest } from './types.ts';

/** A device that waits for a manager. Its code is on its own screen. */
export interface PendingDevice {
  peerId: string;
  asked: { type: Role; name: string; capabilities: string[] };
  /** Where it asked from. */
  address: string;
  askedAtMs: number;
  expiresAtMs: number;
}

export interface EnrolledDeviceView {
  peerId: string;
  name: string;
  role: Role;
  capabilities: string[];
  status: 'active' | 'revoked';
  enrolledAtMs: number;
  renewedAtMs: number;
  credentialEndsAtMs: number;
}

export interface TableView {
  tableId: string;
  session: { openedAtMs: number; endsAtMs: number; guests: number } | null;
}

/** What a table's QR code says. */
export interface TableCode {
  tableKey: string;
  /** The text of the QR code: the guests' page, with the key in it. */
  url: string;
}

/** What a manager makes of a device. */
export interface Approval {
  userCode: string;
  role: Exclude<Role, 'guest'>;
  name: string;
  capabilities: string[];
}

export interface PropertyDevicesOptions {
  issuer: string;
  request: CredentialRequest;
  /** This device's own; asked for at each call. */
  credential(): Promise<string>;
}

/**
 * A property's devices and tables, as its managers handle them, and its tables as its staff do. Times are milliseconds
 * since the epoch by the issuer's clock. Each method rejects with `IssuerRefusedError` or `IssuerUnreachableError`.
 */
export class PropertyDevices {
  readonly #api: IssuerApi;
  readonly #credential: () => Promise<string>;

  constructor({ issuer, request, credential }: PropertyDevicesOptions, deps: EnrolmentDeps = enrolmentDeps) {
    this.#api = new IssuerApi(issuer, request.device, deps);
    this.#credential = credential;
  }

  async pending(): Promise<PendingDevice[]> {
    return ((await this.#get('/v1/enrolments')) as { pending: PendingDevice[] }).pending;
  }

  /** The device that shows this code. */
  async find(userCode: string): Promise<PendingDevice> {
    return (await this.#post('/v1/enrolments/lookup', { userCode })) as PendingDevice;
  }

  async approve(approval: Approval): Promise<void> {
    await this.#post('/v1/enrolments/approve', approval);
  }

  async turnDown(peerId: string): Promise<void> {
    await this.#post('/v1/enrolments/deny', { peerId });
  }

  async devices(): Promise<EnrolledDeviceView[]> {
    return ((await this.#get('/v1/devices')) as { devices: EnrolledDeviceView[] }).devices;
  }

  async revoke(peerId: string): Promise<void> {
    await this.#post(`/v1/devices/${peerId}/revoke`);
  }

  async tables(): Promise<TableView[]> {
    return ((await this.#get('/v1/tables')) as { tables: TableView[] }).tables;
  }

  /** Adds the table where it is new. */
  async tableCode(tableId: string): Promise<TableCode> {
    return (await this.#post(`${tablePath(tableId)}/key`)) as TableCode;
  }

  /** The printed code leads nowhere from then on. */
  async renewTableCode(tableId: string): Promise<TableCode> {
    return (await this.#post(`${tablePath(tableId)}/key/rotate`)) as TableCode;
  }

  /** `lastsMinutes`: default 4 hours, at most 12. */
  async openTable(tableId: string, lastsMinutes?: number): Promise<TableView> {
    const body = lastsMinutes === undefined ? {} : { lastsMinutes };
    return (await this.#post(`${tablePath(tableId)}/open`, body)) as TableView;
  }

  /** Its guests are out. */
  async closeTable(tableId: string): Promise<void> {
    await this.#post(`${tablePath(tableId)}/close`);
  }

  async #get(path: string): Promise<unknown> {
    return this.#api.get(path, { credential: await this.#credential() });
  }

  async #post(path: string, body: object = {}): Promise<unknown> {
    return this.#api.post(path, body, { credential: await this.#credential() });
  }
}

const tablePath = (tableId: string) => `/v1/tables/${encodeURIComponent(tableId)}`;
