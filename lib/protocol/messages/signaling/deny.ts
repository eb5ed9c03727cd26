import { denyListLayout } from '../../trust/deny-list.ts';
import { message } from '../../wire/record-codec.ts';

/** Server → device: whom the tenant's issuer has put out. Signed by the issuer, so that the server cannot write it. */
export const deny = message(9, { list: denyListLayout });
