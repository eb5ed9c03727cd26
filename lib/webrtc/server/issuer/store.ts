import type { Role } from '@innmesh/protocol';

/** A property. It exists from its first manager on. */
export interface TenantRecord {
  tenantId: string;
  /** Of its deny list; counted up with each change. */
  denySeq: number;
  /** The signed deny list of that number. */
  denyList: string;
  /** The key that signed it. */
  denyListKeyId: string;
}

/** What a device says of itself when it asks. */
export interface AskedDevice {
  type: Role;
  name: string;
  capabilities: string[];
}

/** What a manager makes of it. */
export interface Grant {
  role: Role;
  name: string;
  capabilities: string[];
}

/** A device that has asked to be let in. Kept under the hash of its device code. */
export interface EnrolmentRecord {
  deviceCodeHash: string;
  userCodeHash: string;
  peerId: string;
  asked: AskedDevice;
  /** Where it asked from, for the manager to recognise. */
  address: string;
  askedAtMs: number;
  expiresAtMs: number;
  intervalSeconds: number;
  polledAtMs: number;
  decision: { kind: 'pending' } | { kind: 'denied' } | { kind: 'approved'; generation: number };
}

/** A device's right to new credentials: how far its tokens have come (see `renewal-token.ts`). */
export interface RenewalRecord {
  /** Of the token that is good now. */
  rotation: number;
  rotatedAtMs: number;
  /** Whether the device has said that it keeps that token. */
  isConfirmed: boolean;
}

export interface DeviceRecord {
  peerId: string;
  role: Role;
  name: string;
  capabilities: string[];
  generation: number;
  status: 'active' | 'revoked';
  enrolledAtMs: number;
  /** The manager's device, or `setup code`. */
  enrolledBy: string;
  /** When it last got a credential. */
  renewedAtMs: number;
  /** The end of the last credential that it got. */
  credentialEndsAtMs: number;
  renewal: RenewalRecord | null;
}

/** A phone at a table. */
export interface GuestRecord {
  peerId: string;
  tableId: string;
  sessionId: string;
  generation: number;
  credentialEndsAtMs: number;
}

export interface TableSession {
  sessionId: string;
  openedAtMs: number;
  endsAtMs: number;
  /** The staff device. */
  openedBy: string;
}

export interface TableRecord {
  tableId: string;
  /** Which of the table's keys is good; raised when its QR is made anew. */
  keyVersion: number;
  session: TableSession | null;
}

/** A device whose older credentials are not good any more. */
export interface DenialRecord {
  peerId: string;
  firstGoodGeneration: number;
  /** When the last of those credentials has expired by itself. */
  obsoleteAtMs: number;
}

/** A code of the operator's that makes a first manager. Under the tenant `''`: it belongs to none yet. */
export interface SetupCodeRecord {
  codeHash: string;
  /** The one tenant that it is good for; `null` for any that does not exist yet. */
  tenantId: string | null;
  expiresAtMs: number;
}

/** What is kept, by kind. */
export interface IssuerRecords {
  tenant: TenantRecord;
  enrolment: EnrolmentRecord;
  device: DeviceRecord;
  guest: GuestRecord;
  table: TableRecord;
  denial: DenialRecord;
  setupCode: SetupCodeRecord;
  /** A proof that was used (RFC 9449 §11.1), under the tenant `''`. */
  usedProof: { usedAtMs: number };
}

export type RecordKind = keyof IssuerRecords;

/**
 * Where the issuer keeps what it knows. Every key begins with the tenant: no call can reach two of them. Records are
 * copied on the way in and out.
 *
 * It is synchronous, so that each request is one step that nothing comes between: an issuer has some five requests a
 * second for 10,000 properties, and SQLite takes thousands.
 */
export interface IssuerStore {
  get<K extends RecordKind>(kind: K, tenantId: string, key: string): IssuerRecords[K] | undefined;
  /** `expiresAtMs`: from when on `removeExpired` takes it away. Default: it stays. */
  put<K extends RecordKind>(
    kind: K,
    tenantId: string,
    key: string,
    record: IssuerRecords[K],
    expiresAtMs?: number,
  ): void;
  delete(kind: RecordKind, tenantId: string, key: string): void;
  /** Which properties are set up. */
  tenants(): string[];
  /** Of one tenant, in the order of the keys. */
  list<K extends RecordKind>(kind: K, tenantId: string): IssuerRecords[K][];
  removeExpired(nowMs: number): void;
  /** All that `work` writes, or nothing of it where it throws. May be nested: the outermost counts. */
  transaction<T>(work: () => T): T;
  /** What was written so far survives a power cut. Before that, the last half minute may be taken back. */
  flush(): void;
  close(): void;
}
