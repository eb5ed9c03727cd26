import type { DeviceInfo } from '@innmesh/protocol';

/** The device as a source of credentials needs it: its id, and a signature by its key. */
export interface DeviceKey {
  /** The thumbprint of the key. */
  readonly peerId: string;
  /** P-256, uncompressed: 65 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** ECDSA with SHA-256; r and s of 32 bytes each (IEEE P1363). */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** For whom a credential is asked. */
export interface CredentialRequest {
  tenantId: string;
  deviceInfo: DeviceInfo;
  device: DeviceKey;
}

/** A credential, or what is asked for one each time that one is needed. */
export type CredentialSource = string | ((request: CredentialRequest) => string | Promise<string>);

/** What a person does with it: read it out, or scan it. */
export interface EnrolmentCode {
  /** `WDJB-MJHT`. */
  userCode: string;
  /** The manager's page, where the code is typed in. */
  verificationUri: string;
  /** The same with the code in it: the text of a QR code. */
  qrText: string;
  /** Milliseconds since the epoch, by this device's clock. A new code is asked for then, and `onCode` called again. */
  expiresAtMs: number;
}
