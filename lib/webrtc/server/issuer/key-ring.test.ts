import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { keyRingFile, memoryKeyRing } from '../node/key-ring-file.ts';
import { KeyRing } from './key-ring.ts';

const DAY_MS = 86_400_000;
const times = { keyLifetimeMs: 90 * DAY_MS, longestCredentialMs: DAY_MS };
const kids = (ring: KeyRing, nowMs: number) => ring.publicKeys(nowMs).keys.map(({ kid }) => kid);

describe('the key ring', () => {
  it('publishes a key for its whole time before it signs, and until what it signed has expired [E10]', () => {
    const ring = new KeyRing(memoryKeyRing(), times, 0);
    const first = ring.signingKey(0).jwk.kid;
    const [, second] = kids(ring, 0);
    expect(ring.signingKey(90 * DAY_MS - 1).jwk.kid).toBe(first);
    expect(ring.signingKey(90 * DAY_MS).jwk.kid).toBe(second);
    expect(kids(ring, 90 * DAY_MS)).toEqual([second, expect.any(String), first]);
    expect(kids(ring, 91 * DAY_MS - 1)).toContain(first);
    expect(kids(ring, 91 * DAY_MS)).not.toContain(first);
  });

  it('is the same after a restart', () => {
    const file = memoryKeyRing();
    const before = new KeyRing(file, times, 0);
    before.rotate(5);
    const after = new KeyRing(file, times, 10);
    expect(kids(after, 10)).toEqual(kids(before, 10));
    expect(after.secret).toBe(before.secret);
  });

  it('keeps a retired key while another one retires', () => {
    const ring = new KeyRing(memoryKeyRing(), times, 0);
    const [first, second] = kids(ring, 0);
    ring.rotate(1);
    ring.rotate(2);
    expect(kids(ring, 3)).toEqual(expect.arrayContaining([first, second]));
    expect(kids(ring, 3)).toHaveLength(4);
  });
});

describe('the key file', () => {
  it('is for its owner alone, and replaced whole [E11]', () => {
    const folder = mkdtempSync(join(tmpdir(), 'innmesh-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'issuer-keys.json');
    const ring = new KeyRing(keyRingFile(path), times, 0);
    ring.rotate(1);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['issuer-keys.json']);
    expect(kids(new KeyRing(keyRingFile(path), times, 2), 2)).toEqual(kids(ring, 2));
  });

  it('that is none of ours is never written over', () => {
    const folder = mkdtempSync(join(tmpdir(), 'innmesh-keys-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'issuer-keys.json');
    writeFileSync(path, '{"version":2}');
    expect(() => new KeyRing(keyRingFile(path), times, 0)).toThrow();
    writeFileSync(path, '');
    expect(() => new KeyRing(keyRingFile(path), times, 0)).toThrow();
    expect(statSync(path).size).toBe(0);
  });
});
