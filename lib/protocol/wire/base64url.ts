import { MalformedFrameError } from '../errors.ts';

/** RFC 4648 §5, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

/** Takes only what `toBase64url` writes, so that a value has one spelling. Throws `MalformedFrameError`. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) throw new MalformedFrameError('This is not base64url.');
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  if (toBase64url(bytes) !== text) throw new MalformedFrameError('This is base64url with stray bits at its end.');
  return bytes;
}
