import { execFile } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installed } from '../../scripts/apt.ts';

const run = promisify(execFile);

/** Of this machine's own name, signed by itself. */
export interface Certificate {
  certificatePath: string;
  keyPath: string;
  /** SHA-256 over its public key in Base64: by that Chromium is told to take it. */
  keyHash: string;
  remove(): void;
}

/** `undefined` where there is no OpenSSL and none can be installed. */
export const findOpenssl = () => installed('openssl', 'openssl', { log: console.log });

export async function createCertificate(openssl: string): Promise<Certificate> {
  const folder = mkdtempSync(join(tmpdir(), 'innmesh-certificate-'));
  const [certificatePath, keyPath] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  await run(openssl, [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'],
    ...['-out', certificatePath, '-keyout', keyPath],
  ]);
  const { publicKey } = new X509Certificate(readFileSync(certificatePath));
  const keyHash = createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('base64');
  return { certificatePath, keyPath, keyHash, remove: () => rmSync(folder, { recursive: true }) };
}
