/** This device: its id, and signatures by the key that the id is the hash of. */
export interface DeviceIdentity {
  /** The key's thumbprint (RFC 7638), 43 characters. */
  readonly peerId: string;
  /** P-256, uncompressed: 65 bytes. */
  readonly publicKey: Uint8Array<ArrayBuffer>;
  /** ECDSA with SHA-256; r and s of 32 bytes each (IEEE P1363). */
  sign(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** An identity while somebody uses it. */
export interface OpenIdentity extends DeviceIdentity {
  /** Another process of this machine may use it from now on. */
  release(): void;
}
