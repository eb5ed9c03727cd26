import { webSealing } from './web-sealing.ts';

export type Bytes = Uint8Array<ArrayBuffer>;

/** AES-256-GCM with one key; 16 bytes longer than what it seals. `open` rejects for what was not sealed so. */
export interface Cipher {
  seal(nonce: Bytes, content: Bytes, context: Bytes): Promise<Bytes>;
  open(nonce: Bytes, sealed: Bytes, context: Bytes): Promise<Bytes>;
}

/** What both ends know besides the secret that they share. */
export interface Agreement {
  otherKey: Bytes;
  salt: Bytes;
  context: Bytes;
}

/** An ephemeral key pair on P-256. */
export interface AgreementKey {
  readonly publicKey: Bytes;
  /**
   * HKDF with SHA-256 over the secret that is shared by ECDH: the cipher of what the offerer sends, and that of what the
   * answerer sends. Rejects where the other key is no point of the curve.
   */
  agree(agreement: Agreement): Promise<[offerer: Cipher, answerer: Cipher]>;
}

export interface Sealing {
  createKey(): Promise<AgreementKey>;
}

/** As with the device's own key: WebCrypto, or a library where a page is no secure context and has none. */
export async function loadSealing(): Promise<Sealing> {
  const subtle = crypto.subtle as SubtleCrypto | undefined;
  if (subtle) return webSealing(subtle);
  const { softwareSealing } = await import('./software-sealing.ts');
  return softwareSealing;
}
