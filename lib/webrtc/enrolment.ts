/*
 * How a device gets its credential from an issuer: apart from `P2PConnection`, so that an application that brings
 * credentials of its own does not carry it.
 */
export {
  type CredentialStore,
  type KeptCredential,
  MemoryCredentialStore,
} from './client/enrolment/credential-store.ts';
export { type EnrolledCredentialOptions, enrolledCredential } from './client/enrolment/enrolled-credential.ts';
export * from './client/enrolment/errors.ts';
export { type GuestCredentialOptions, guestCredential } from './client/enrolment/guest-credential.ts';
export * from './client/enrolment/property-devices.ts';
export type * from './client/enrolment/types.ts';
export { deviceIdentity } from './client/identity/this-device.ts';
