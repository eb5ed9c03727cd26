import { denyListLayout } from '../../trust/deny-list.ts';
import { message } from '../../wire/record-codec.ts';

/** Whom the tenant's issuer has put out, handed from peer to peer: it gets where no server does. */
export const deny = message(9, { list: denyListLayout });
