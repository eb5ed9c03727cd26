import * as s from '../../schema/index.ts';
import { digest } from '../../wire/layout.ts';

/** A device's id: the SHA-256 of its public key (see `thumbprintInput`), 32 bytes in base64url. */
export const peerIdSchema = s.textLike(
  /^[\w-]{42}[AEIMQUYcgkosw048]$/,
  'must be a device id: 43 characters of base64url',
);

export const peerIdLayout = digest(peerIdSchema);
