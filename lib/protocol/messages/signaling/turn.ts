import { turnUrlSchema } from '../../values/ice-url.ts';
import { fixedBytes, list, text, varint } from '../../wire/layout.ts';
import { message } from '../../wire/record-codec.ts';

/** Each is asked by every connection that is made; browsers warn from five servers on. */
export const turnUrlsBounds = { min: 1, max: 4 };

/** An HMAC-SHA-1. */
const PASSWORD_BYTES = 20;

/**
 * Server → device, before the `welcome` and again when half of its time is over: relays that the device may use until
 * then, as coturn's `use-auth-secret` has it. A server without relays sends none.
 */
export const turn = message(10, {
  urls: list(text(turnUrlSchema), turnUrlsBounds),
  /** In seconds since 1970. With a colon and the device's id behind it, it is the username. */
  expiresAt: varint(),
  /** In base64, the password. */
  password: fixedBytes(PASSWORD_BYTES),
});
