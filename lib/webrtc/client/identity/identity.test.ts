import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verifiesDevice } from '../../server/auth/signatures.ts';
import { type Cryptography, thumbprintOf } from './cryptography.ts';
import { device } from './device.node.ts';
import { DeviceFolder } from './device-folder.node.ts';
import { softwareCryptography } from './software-cryptography.ts';
import { webCryptography } from './web-cryptography.ts';

const web = webCryptography(crypto.subtle);
const bytes = Uint8Array.of(1, 2, 3);

describe.each<[string, Cryptography]>([
  ['WebCrypto', web],
  ['the library for pages without it', softwareCryptography],
])('%s', (_, cryptography) => {
  it('signs with 64 bytes that everyone verifies, and refuses all else without throwing [K3]', async () => {
    const { secret, publicKey } = await cryptography.createKeyPair();
    const signature = await cryptography.sign(secret, bytes);
    expect([publicKey.length, publicKey[0], signature.length]).toEqual([65, 4, 64]);
    expect(verifiesDevice(publicKey, signature, bytes)).toBe(true);
    const offTheCurve = new Uint8Array(65).fill(4);
    for (const verifier of [web, softwareCryptography]) {
      const verifies = (key = publicKey, by = signature, what = bytes) => verifier.verifyDevice(key, by, what);
      expect(await verifies()).toBe(true);
      expect(await verifies(publicKey, signature, Uint8Array.of(9))).toBe(false);
      expect(await verifies(publicKey, signature.subarray(1))).toBe(false);
      expect(await verifies(offTheCurve)).toBe(false);
      expect(await verifies(publicKey, new Uint8Array(64))).toBe(false);
    }
  });

  it('gives a key the same id as any other [K1]', async () => {
    const { publicKey } = await web.createKeyPair();
    expect(await thumbprintOf(publicKey, cryptography)).toBe(await thumbprintOf(publicKey, web));
  });
});

it('a key of WebCrypto can be exported by nobody [K4]', async () => {
  const { secret } = await web.createKeyPair();
  expect((secret as CryptoKey).extractable).toBe(false);
  await expect(crypto.subtle.exportKey('jwk', secret as CryptoKey)).rejects.toThrow();
});

describe('in Node, a device’s key', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'innmesh-identity-'));
    vi.stubEnv('INNMESH_HOME', home);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(home, { recursive: true });
  });

  it('is in a file for its owner alone, and the same at the next start [K4]', async () => {
    const { peerId, publicKey, sign, release } = await device.openIdentity('device#1', false);
    release();
    const folder = join(home, 'device');
    const modes = [folder, ...readdirSync(folder).map((file) => join(folder, file))].map(
      (path) => statSync(path).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600]);
    expect(verifiesDevice(publicKey, await sign(bytes), bytes)).toBe(true);
    expect((await device.openIdentity('device#1', false)).peerId).toBe(peerId);
  });

  it('is held by one at a time, and another one’s is the next number; who shares a name shares the key [K6]', async () => {
    const open = (isShared = false) => device.openIdentity('device#1', isShared);
    const [first, second] = [await open(), await open()];
    expect(second.peerId).not.toBe(first.peerId);
    expect((await open(true)).peerId).toBe(first.peerId);
    first.release();
    expect((await open()).peerId).toBe(first.peerId);
  });

  it('is the same again for a process that comes back, though the first one is free by then [K6]', async () => {
    const other = new DeviceFolder().claim('device#1');
    const open = () => device.openIdentity('device#1', false);
    const before = await open();
    before.release();
    other?.();
    expect((await open()).peerId).toBe(before.peerId);
  });
});
