import * as v from 'valibot';

/** A credential as it crosses the wire, unread; a JWT in its compact form. */
export const credentialTextSchema = v.pipe(v.string(), v.maxLength(4_096));
