import { systemClock } from '@innmesh/kit';
import { CredentialError } from '@innmesh/protocol';
import { beforeEach, expect, it } from 'vitest';
import { JournalLog } from './journal-log.ts';
import { type Introduction, type Origin, Origins } from './origins.ts';
import { MemoryDisk, MemoryStore } from './store/memory-store.ts';
import { idOf } from './test-support/streams.ts';

const publicKey = Uint8Array.from({ length: 65 }, (_, index) => index);
const introduction: Introduction = { peerId: idOf('till'), publicKey, credential: 'first' };
const till: Origin = { ...introduction, role: 'pos', table: undefined };

let disk: MemoryDisk;
let verified: string[];
let verify: () => Promise<Origin>;

beforeEach(() => {
  [disk, verified, verify] = [new MemoryDisk(), [], async () => till];
});

async function start(): Promise<Origins> {
  const trust = {
    verifyOrigin: ({ credential }: Introduction) => {
      verified.push(credential);
      return verify();
    },
  };
  return new Origins(trust, await JournalLog.open(new MemoryStore(disk), systemClock));
}

it('a writer that was verified is known after a restart, with its key and its role', async () => {
  await (await start()).learn(till);
  const known = (await start()).get(till.peerId);
  expect(known).toMatchObject({ peerId: till.peerId, role: 'pos', credential: 'first' });
  expect(known?.publicKey).toEqual(publicKey);
});

it('what another device says of a writer is verified, once for each credential [L21]', async () => {
  const origins = await start();
  expect(await origins.verify(introduction)).toBe(till);
  await origins.verify(introduction);
  expect(verified).toEqual(['first']);
  verify = async () => ({ ...till, credential: 'second' });
  await origins.verify({ ...introduction, credential: 'second' });
  expect([verified, origins.get(till.peerId)?.credential]).toEqual([['first', 'second'], 'second']);
});

it('what is not so changes nothing, and a writer of whom nobody has said anything is none [L21]', async () => {
  const origins = await start();
  verify = () => Promise.reject(new CredentialError('signature', 'the issuer did not sign it'));
  await expect(origins.verify(introduction)).rejects.toBeInstanceOf(CredentialError);
  expect(origins.get(till.peerId)).toBeUndefined();
  expect(() => origins.expect(till.peerId)).toThrow(CredentialError);
});
