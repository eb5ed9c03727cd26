import * as s from '../schema/index.ts';

/** A credential as it crosses the wire, unread; a JWT in its compact form. */
export const credentialTextSchema = s.text({ max: 4_096 });
