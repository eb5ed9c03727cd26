import { credentialLayout } from '../../trust/credential-text.ts';
import { message } from '../../wire/record-codec.ts';

/** A newer credential for the same device in the same role, so that the link may stay. */
export const renew = message(8, { credential: credentialLayout });
