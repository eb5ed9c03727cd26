import { systemClock } from '@innmesh/kit';
import type { CredentialClaims, Role } from '@innmesh/protocol';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Trust } from '../../lib/webrtc/client/trust/trust.ts';
import { idOf } from '../../lib/webrtc/server/test-support/device-keys.ts';
import { TestIssuer } from '../../lib/webrtc/server/test-support/test-issuer.ts';
import { until } from '../support/devices.ts';
import { forgedTokens } from './support/forged-tokens.ts';
import { type Guard, without } from './support/guards.ts';
import { HostileServer, type Seated } from './support/hostile-server.ts';
import { credentialOf, Device, hotel } from './support/hotel.ts';
import { type Authenticate, authenticateAs, Impostor, type Moment } from './support/impostor.ts';
import { ManInTheMiddle } from './support/man-in-the-middle.ts';

vi.mock('../../lib/protocol/trust/transcripts.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakTranscripts(await importOriginal()),
);
vi.mock('../../lib/protocol/trust/credential.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakCredentials(await importOriginal()),
);
vi.mock('../../lib/protocol/trust/jws.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakTokens(await importOriginal()),
);

const LOBSTER = {
  type: 'notification' as const,
  notification: {
    notificationId: 'n1',
    title: 'Room 205',
    body: 'The lobster is for the mayor',
    priority: 'normal' as const,
  },
};

let server: HostileServer;

beforeEach(async () => {
  server = await HostileServer.start();
});

/** Each from a server without anybody. */
async function inNewRoom<T>(attack: () => Promise<T>): Promise<T> {
  server = await HostileServer.start();
  return attack();
}

describe('a signaling server that puts its own certificates into the descriptions, and relays both ends', () => {
  async function attack() {
    const [waiter, newcomer] = [new Device(server.url, 'waiter'), new Device(server.url, 'newcomer')];
    const middle = new ManInTheMiddle(server);
    onTestFinished(() => middle.close());
    await waiter.connection.connect();
    await newcomer.connection.connect();
    const isRefused = () => waiter.errors.length + newcomer.errors.length > 0;
    const isOpen = () => waiter.linked.length > 0 && newcomer.linked.length > 0;
    await until(() => isOpen() || isRefused(), 'the link stands or is refused');
    if (isOpen()) {
      newcomer.connection.send(LOBSTER);
      await until(() => waiter.heard.length > 0, 'the message arrives');
    }
    const problems = [...waiter.problems, ...newcomer.problems].filter((problem) => problem !== 'LINK_FAILED');
    return { linked: waiter.linked.length, heard: waiter.heard.length, read: middle.kindsRead, problems };
  }

  it('reads everything where devices do not sign the certificates, and otherwise nothing [L3] [L4] [L8]', async () => {
    const succeeded = await without('fingerprints', () => inNewRoom(attack));
    expect(succeeded).toMatchObject({ linked: 1, heard: 1, problems: [] });
    expect(succeeded.read).toContain('entry');
    const stopped = await inNewRoom(attack);
    expect(stopped).toMatchObject({ linked: 0, heard: 0, read: ['authenticate'] });
    expect(new Set(stopped.problems)).toEqual(new Set(['signature']));
  });
});

/** The victim, and somebody at the other end whom the server has called by this name. */
async function approach(
  name: string,
  show: (moment: Moment) => Authenticate,
  type: Role = 'staff',
  peerId = idOf(name),
): Promise<Device> {
  const impostor = new Impostor(server, seatOf(peerId, name, type), show);
  onTestFinished(() => impostor.close());
  const victim = new Device(server.url, 'victim');
  await victim.connection.connect();
  await until(() => victim.linked.length + victim.errors.length > 0, 'the impostor is believed or refused');
  if (victim.linked.length > 0) {
    impostor.send(LOBSTER);
    await until(() => victim.heard.length + victim.errors.length > 0, 'its message is heard');
  }
  return victim;
}

const seatOf = (peerId: string, name: string, type: Role): Seated =>
  server.invent(peerId, { type, name, capabilities: [] });

const outcomeOf = ({ linked, heard, problems }: Device) => ({ linked: linked.length, heard: heard.length, problems });
const BELIEVED = { linked: 1, heard: 1, problems: [] };
const refused = (problem: string) => ({ linked: 0, heard: 0, problems: [problem] });

async function attempt(guards: Guard | Guard[], attack: () => Promise<Device>) {
  const weak = await without(guards, () => inNewRoom(attack));
  return { weak: outcomeOf(weak), whole: outcomeOf(await inNewRoom(attack)) };
}

describe('an impostor at the other end of a link', () => {
  it('is believed where it is who it says it is', async () => {
    const honest = await approach('honest', (moment) =>
      authenticateAs('honest', credentialOf('honest', 'staff'), moment),
    );
    expect(outcomeOf(honest)).toEqual(BELIEVED);
  });

  const bindings: Guard[] = ['ids', 'sides', 'nonces', 'fingerprints'];
  async function replay(guards: Guard[]) {
    const recorded = await without(guards, recordedProof);
    return outcomeOf(await without(guards, () => inNewRoom(() => approach('replayed', () => recorded))));
  }

  it('replays what a device has shown it on another link [L4] [L8]', async () => {
    expect(await replay(bindings)).toEqual(BELIEVED);
    expect(await replay([])).toEqual(refused('signature'));
  });

  it.each(bindings)(
    'replays it in vain where, of all that a proof is bound to, only the %s are signed [L4]',
    async (kept) => {
      expect(await replay(bindings.filter((guard) => guard !== kept))).toEqual(refused('signature'));
    },
  );

  it('sends a device’s own proof back to it, as that device [L4]', async () => {
    const attack = () => approach('victim', ({ shown }) => shown);
    const { weak, whole } = await attempt('sides', attack);
    expect([weak, whole]).toEqual([BELIEVED, refused('signature')]);
  });

  it('shows the credential of another device, whose key it does not have [K2] [L8]', async () => {
    const stolen = credentialOf('honest', 'staff');
    const attack = () => approach('thief', (moment) => authenticateAs('thief', stolen, moment));
    const { weak, whole } = await attempt('device', attack);
    expect([weak, whole]).toEqual([BELIEVED, refused('other-device')]);
  });

  it('is called by the name of another device, and signs with a key of its own [K2] [L8]', async () => {
    const stolen = credentialOf('honest', 'staff');
    const victim = await approach('honest', (moment) => ({
      ...authenticateAs('thief', stolen, moment),
    }));
    expect(outcomeOf(victim)).toEqual(refused('other-device'));
  });

  const bent: [string, Guard, Partial<CredentialClaims>, string][] = [
    ['of another hotel', 'tenant', { tenant: 'another-hotel' }, 'other-tenant'],
    ['whose time is over', 'times', { exp: Math.floor(Date.now() / 1000) - 120 }, 'expired'],
    ['whose time has not begun', 'times', { iat: Math.floor(Date.now() / 1000) + 3_600 }, 'not-yet-valid'],
  ];
  it.each(bent)('shows a credential %s [L8]', async (_, guard, claims, problem) => {
    const attack = () =>
      approach('thief', (moment) => authenticateAs('thief', credentialOf('thief', 'staff', claims), moment));
    const { weak, whole } = await attempt(guard, attack);
    expect([weak, whole]).toEqual([BELIEVED, refused(problem)]);
  });

  it.each(forgedTokens)('shows a credential $what [J5] [L8]', async ({ guard, forge, problem }) => {
    const claims = hotel.claims({ name: 'thief', type: 'staff' });
    const token = forge(hotel.key.jwk, claims);
    const attack = () => approach('thief', (moment) => authenticateAs('thief', token, moment));
    const { weak, whole } = await attempt(guard, attack);
    expect([weak, whole]).toEqual([BELIEVED, refused(problem)]);
  });

  it('shows a credential of an issuer that the signaling server has named, which a device that was told whom to trust never takes [K4]', async () => {
    const rogue = new TestIssuer(systemClock);
    const token = rogue.credential({ name: 'thief', type: 'staff' });
    const attack = async (own: object) => {
      server.gifts = { credential: rogue.credential({ name: 'victim' }), issuerKeys: JSON.stringify(rogue.keySet) };
      server.isDevelopment = true;
      const impostor = new Impostor(server, seatOf(idOf('thief'), 'thief', 'staff'), (moment) =>
        authenticateAs('thief', token, moment),
      );
      onTestFinished(() => impostor.close());
      const victim = new Device(server.url, 'victim', 'staff', own);
      await victim.connection.connect();
      await until(() => victim.linked.length + victim.errors.length > 0, 'the impostor is believed or refused');
      return { linked: victim.linked.length, problems: victim.problems };
    };
    const trusting = { credential: undefined, issuerKeys: undefined };
    expect(await inNewRoom(() => attack(trusting))).toEqual({ linked: 1, problems: [] });
    expect(await inNewRoom(() => attack({}))).toEqual({ linked: 0, problems: ['unknown-key'] });
  });

  it('that is a guest, and that the signaling server calls a till [R1] [L9]', async () => {
    const attack = () =>
      approach(
        'guest',
        (moment) => authenticateAs('guest', credentialOf('guest', 'guest', { table: '5' }), moment),
        'pos',
      );
    const verify = Trust.prototype.verify;
    const believing = vi.spyOn(Trust.prototype, 'verify').mockImplementation(async function (this: Trust, ...args) {
      return { ...(await verify.apply(this, args)), role: 'pos' };
    });
    expect(outcomeOf(await inNewRoom(attack))).toEqual(BELIEVED);
    believing.mockRestore();
    expect(outcomeOf(await inNewRoom(attack))).toEqual(refused('other-role'));
  });
});

/** What the device `replayed` shows on a link of its own to somebody else. */
async function recordedProof(): Promise<Authenticate> {
  return inNewRoom(async () => {
    const shown = Promise.withResolvers<Authenticate>();
    const recorder = new Impostor(server, seatOf(idOf('recorder'), 'recorder', 'staff'), (moment) => {
      shown.resolve(moment.shown);
      return authenticateAs('recorder', credentialOf('recorder', 'staff'), moment);
    });
    const replayed = new Device(server.url, 'replayed');
    await replayed.connection.connect();
    const proof = await shown.promise;
    await until(() => replayed.linked.length + replayed.errors.length > 0, 'the link is decided');
    replayed.connection.disconnect();
    recorder.close();
    return proof;
  });
}
