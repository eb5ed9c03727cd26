/** As `eyJhbGciOi….eyJ0ZW5hbnQi….c2ln`: parts of base64url, the last of which may be empty or missing (RFC 7519 §3). */
const JWT = /[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?/g;
/** 24 characters of base64 are 18 bytes: long enough for a key, longer than words are. */
const SECRET = /[\w+/=-]{24,}/g;

/** More than this is not even looked at. */
const MAX_LOOKED_AT = 4_096;
const MAX_CHARACTERS = 300;

/**
 * Text as it may stand in a log, whoever wrote it: one line of printable ASCII, not long, and without what could be a
 * token or a key. Newlines and escape sequences would let a stranger write lines of their own or paint the terminal.
 */
export function redact(text: string): string {
  const safe = text
    .slice(0, MAX_LOOKED_AT)
    .replace(JWT, '[redacted]')
    .replace(SECRET, '[redacted]')
    .replace(/[^\x20-\x7e]/g, '?');
  return safe.length > MAX_CHARACTERS ? `${safe.slice(0, MAX_CHARACTERS)}...` : safe;
}
