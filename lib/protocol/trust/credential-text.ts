import * as s from '../schema/index.ts';
import { text } from '../wire/layout.ts';

/** A credential as it crosses the wire, unread; a JWT in its compact form. */
export const credentialLayout = text(s.text({ max: 4_096 }));
