export type { DeviceIdentity } from '../identity/device-identity.ts';
export type { CredentialRequest, CredentialSource } from '../public-types.ts';

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
