import { CredentialError } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { IssuerUnreachableError } from '../enrolment/errors.ts';
import { SignalingLostError, SignalingRefusedError, SignalingUnreachableError, TabSharingError } from '../errors.ts';
import type { CheckName, CheckResult } from '../public-types.ts';
import type { Facts } from './facts.ts';
import { CHECKS, judge } from './judge.ts';
import { obstacleOf } from './obstacle.ts';
import {
  candidate,
  FAR_SERVER,
  factsOf,
  gathered,
  iceServer,
  linkedPeer,
  NAME,
  peer,
  roomOf,
  server,
  timedOutPeer,
} from './test-support/facts-of.ts';

function find(name: CheckName, facts: Partial<Facts>): CheckResult {
  const result = judge(factsOf(facts)).checks.find((check) => check.name === name);
  if (!result) throw new Error(`No such check: ${name}`);
  return result;
}

const verdictOf = (name: CheckName, facts: Partial<Facts>) => find(name, facts).verdict;

describe('a diagnosis', () => {
  it('of a device on which all is well says so, and is JSON', () => {
    const diagnosis = judge(factsOf({ room: roomOf(linkedPeer('Kitchen')) }));
    expect(diagnosis.verdict).toBe('ok');
    expect(diagnosis.summary).toContain('All is well');
    expect(JSON.parse(JSON.stringify(diagnosis))).toEqual(diagnosis);
    expect(diagnosis.checks.map(({ name }) => name)).toEqual(Object.keys(CHECKS));
  });

  it('begins with the cause, and what fails comes before what is merely not good', () => {
    const stun = [iceServer('stun:a', { isComplete: false })];
    expect(judge(factsOf({ stun })).summary).toMatch(/^No fault was found, but: This device could not/);
    const nothing = judge(factsOf({ stun, own: gathered(), isOwnNameFound: null }));
    expect(nothing.summary).toBe('This device has no network that it can link over. 1 more point below.');
    expect(nothing.verdict).toBe('failed');
  });

  const sick: Partial<Facts>[] = [
    { localNetwork: 'denied', servers: [server('unreachable', 'ws://192.168.1.20:8080')] },
    { localNetwork: 'prompt', servers: [server('unreachable', 'ws://192.168.1.20:8080')] },
    { own: gathered() },
    { own: { ...gathered(), problem: 'TypeError: no' } },
    { own: gathered(), servers: [server('unreachable')] },
    ...(['refused', 'other-version', 'stranger', 'silent', 'unreachable', 'blocked'] as const).map((outcome) => ({
      servers: [server(outcome)],
    })),
    { obstacle: obstacleOf(new Error('HTTP 503')) },
    { room: { isInRoom: false, obstacle: null, peers: [] } },
    { room: roomOf(), servers: [server('unreachable')] },
    { isOwnNameFound: false },
    { room: 'silent' },
    { room: roomOf(timedOutPeer('A'), timedOutPeer('B')) },
    { room: roomOf(timedOutPeer('A', { isRefusal: true })) },
    { room: roomOf(linkedPeer('A', 'turn')) },
    { room: roomOf(), peerId: 'nobody' },
    { turn: [iceServer('turn:a', {})] },
    { stun: [iceServer('stun:a', { errors: [{ code: 701, text: 'lookup' }] })] },
  ];
  it.each(sick)('gives an advice with whatever is wrong: %j', (facts) => {
    const wrong = judge(factsOf(facts)).checks.filter(({ verdict }) => verdict === 'failed' || verdict === 'warning');
    expect(wrong.length).toBeGreaterThan(0);
    for (const { advice, words } of wrong)
      expect([words, advice]).toEqual([expect.any(String), expect.stringMatching(/\.$/)]);
    for (const { words } of judge(factsOf(facts)).checks) expect(words).toMatch(/[^.]\.$/);
  });
});

describe('signaling', () => {
  it('is well where a server answers, and not where none does', () => {
    expect(verdictOf('signaling', {})).toBe('ok');
    const away = find('signaling', { servers: [server('unreachable', 'ws://signaling.local:8080')] });
    expect(away.verdict).toBe('failed');
    expect(away.words).toContain('No server answers at ws://signaling.local:8080');
    expect(away.advice).toContain('http://signaling.local:8080/healthz');
  });

  it('is not well where one accepts and never says a word', () => {
    expect(find('signaling', { servers: [server('silent')] })).toMatchObject({
      verdict: 'failed',
      words: `Nothing was heard from ${FAR_SERVER} within 4 seconds.`,
    });
  });

  it('has whoever speaks another version than the server reload or update, and not wait', () => {
    const reason = 'This server speaks innmesh.5; subprotocol offered: innmesh.4';
    const found = find('signaling', { servers: [server('other-version', FAR_SERVER, reason)] });
    expect(found).toMatchObject({ verdict: 'failed', words: expect.stringContaining(reason) });
    expect(found.advice).toMatch(/to the same version: reload the page/);
    expect(find('signaling', { servers: [server('refused')] }).advice).toContain('Wait a minute');
  });

  it('is well enough where one of two answers', () => {
    const servers = [server('answers'), server('unreachable', 'ws://hub.local')];
    expect(find('signaling', { servers })).toMatchObject({ verdict: 'warning' });
    expect(find('signaling', { servers }).advice).toContain('http://hub.local/healthz');
  });

  const keptOutBy = (failure: unknown) => find('signaling', { obstacle: obstacleOf(failure) });
  const turnedAway = (closeCode: number, reason: string) =>
    keptOutBy(new SignalingUnreachableError([{ url: FAR_SERVER, closeCode, reason }]));

  it('is not well where a server answers and this device is not in its room, with the reason where there is one', () => {
    const outside = { isInRoom: false, obstacle: null, peers: [] };
    expect(find('signaling', { room: outside })).toMatchObject({
      verdict: 'warning',
      words: expect.stringMatching(/ answers, .* But this device is not in its room yet\.$/),
    });
    expect(keptOutBy(new IssuerUnreachableError('https://id.example', new Error('refused')))).toMatchObject({
      verdict: 'failed',
      words: expect.stringMatching(
        / answers, .* But this device is not in its room: The issuer at https:\/\/id\.example/,
      ),
      advice: expect.stringContaining('See that the issuer runs'),
    });
    expect(keptOutBy(new Error('HTTP 503'))).toMatchObject({
      words: expect.stringMatching(/not in its room: HTTP 503\.$/),
      advice: expect.stringContaining('what gives this page its credential'),
    });
  });

  it('has a device enrolled again for nothing but what that mends', () => {
    const silentTab = new TabSharingError('the tab that holds it has not answered in time.');
    const others = [
      [turnedAway(4408, 'no word from it for 5000 ms'), /^Wait a minute: the server has more to do/],
      [turnedAway(4429, 'Too many joins.'), /^Wait a minute: it is a limit/],
      [turnedAway(4430, 'The room is full.'), /when another device has left/],
      [turnedAway(4401, 'not-yet-valid: its time has not begun'), /^Set the date and time/],
      [turnedAway(4401, 'expired: it is over'), /^Set the date and time .* reaches the issuer/],
      [turnedAway(4401, 'unknown-key: k'), /INNMESH_ISSUER_KEYS/],
      [turnedAway(4403, 'revoked: it was put out'), /^A manager/],
      [turnedAway(4400, 'It is no frame.'), /same version/],
      [turnedAway(1006, 'nothing answers there'), /^Look again in a minute/],
      [keptOutBy(new SignalingRefusedError(FAR_SERVER, 4409, '')), /^Close this device where else/],
      [keptOutBy(new SignalingRefusedError(FAR_SERVER, 4403, 'revoked')), /^A manager/],
      [keptOutBy(new SignalingLostError(FAR_SERVER, 'the connection broke')), /^Look again in a minute/],
      [keptOutBy(silentTab), /^Show that tab/],
    ] as const;
    for (const [{ verdict, advice }, expected] of others) {
      expect([verdict, advice]).toEqual(['failed', expect.stringMatching(expected)]);
      expect(advice).not.toMatch(/enrol/i);
    }
    for (const problem of ['malformed', 'other-tenant', 'other-device', 'other-role', 'missing'] as const) {
      expect(turnedAway(4401, `${problem}: so it is`).advice).toMatch(/^Enrol/);
      expect(keptOutBy(new CredentialError(problem, 'so it is')).advice).toMatch(/^Enrol/);
    }
  });

  it('believes what was asked just now, not a connection that has not noticed yet that the network is gone', () => {
    const gone = { servers: [server('unreachable')], room: roomOf(linkedPeer('Kitchen')) };
    expect(find('signaling', gone)).toMatchObject({
      verdict: 'failed',
      words: `This device was in the hotel’s room until a moment ago. No server answers at ${FAR_SERVER}. Links that stand go on; only new devices have to wait.`,
    });
    expect(find('default-route', { ...gone, own: gathered() }).words).toContain('on no network');
    expect(verdictOf('isolation', { ...gone, room: roomOf(timedOutPeer('A'), timedOutPeer('B')) })).toBe('skipped');
    expect(verdictOf('signaling', { ...gone, servers: [server('refused')] })).toBe('warning');
  });

  it('says that links stand without it', () => {
    const room = { isInRoom: false, obstacle: null, peers: [linkedPeer('Kitchen')] };
    expect(find('signaling', { servers: [server('unreachable')], room }).words).toContain('Links that stand go on');
  });

  it('knows why a page that came by https calls no ws: address', () => {
    const servers = [server('blocked', 'ws://192.168.1.20:8080', 'SecurityError')];
    expect(find('signaling', { servers }).advice).toContain('wss:');
  });
});

describe('the default route', () => {
  it('is missed by a browser that has no address at all, though a server answers', () => {
    expect(find('default-route', { own: gathered() })).toMatchObject({ verdict: 'failed' });
    expect(find('default-route', { own: gathered() }).advice).toContain('default gateway');
  });

  it('is no matter where there is no network', () => {
    const offline = find('default-route', { own: gathered(), servers: [server('unreachable')] });
    expect(offline.words).toContain('on no network');
  });

  it('is no matter to a program', () => {
    expect(verdictOf('default-route', { isBrowser: false, own: gathered() })).toBe('skipped');
  });
});

describe('the addresses', () => {
  it('are counted by where they are', () => {
    const found = find('candidates', {
      own: gathered(candidate('host', NAME)),
      stun: [iceServer('stun:a', gathered(candidate('srflx', '203.0.113.7')))],
      turn: [iceServer('turn:a', gathered(candidate('relay', '198.51.100.1')))],
    });
    expect(found.words).toBe(
      'Others can reach this device at 1 address on the local network (which the browser hides behind names), one on the internet (203.0.113.7) and one at a relay (198.51.100.1).',
    );
  });

  it('fail where there is none, or no WebRTC', () => {
    expect(verdictOf('candidates', { own: gathered() })).toBe('failed');
    expect(find('candidates', { own: { ...gathered(), problem: 'no' } }).words).toContain('WebRTC');
  });
});

describe('mDNS', () => {
  it('is looked at only where addresses are hidden behind names', () => {
    expect(verdictOf('mdns', { own: gathered(), isOwnNameFound: null })).toBe('skipped');
    expect(find('mdns', { own: gathered(candidate('host', '192.168.1.9')), isOwnNameFound: null }).words).toContain(
      'as they are',
    );
  });

  it('is doubted where a device does not find its own name, unless others have found it', () => {
    expect(find('mdns', { isOwnNameFound: false })).toMatchObject({ verdict: 'warning' });
    expect(find('mdns', { isOwnNameFound: false }).advice).toContain('5353');
    expect(verdictOf('mdns', { isOwnNameFound: false, room: roomOf(linkedPeer('Kitchen')) })).toBe('ok');
  });
});

describe('isolation', () => {
  const two = [timedOutPeer('Kitchen'), timedOutPeer('Bar')];

  it('is suspected where several are here and no link to any of them opens', () => {
    const found = find('isolation', { room: roomOf(...two) });
    expect(found.verdict).toBe('failed');
    expect(found.words).toContain('Kitchen and Bar');
    expect(found.advice).toContain('client isolation');
    expect(verdictOf('isolation', { room: roomOf(timedOutPeer('Kitchen')) })).toBe('warning');
  });

  it('is suspected where links stand, but none within the network', () => {
    expect(
      verdictOf('isolation', { room: roomOf(linkedPeer('Kitchen', 'turn'), linkedPeer('Bar', 'reflexive')) }),
    ).toBe('failed');
  });

  it('is not where a device is reached directly: then the others are elsewhere', () => {
    expect(verdictOf('isolation', { room: roomOf(linkedPeer('Kitchen')) })).toBe('ok');
    expect(find('isolation', { room: roomOf(linkedPeer('Till'), ...two) })).toMatchObject({ verdict: 'warning' });
  });

  it('is not where the others turned it away, where a link broke, or where they have gone', () => {
    const others = [
      timedOutPeer('A', { isRefusal: true }),
      timedOutPeer('B', { wasOpen: true }),
      { ...timedOutPeer('C'), isPresent: false },
      peer('D'),
    ];
    expect(verdictOf('isolation', { room: roomOf(...others) })).toBe('skipped');
  });

  it('is not where this device has no address, or no server', () => {
    expect(verdictOf('isolation', { own: gathered(), room: roomOf(...two) })).toBe('skipped');
    const room = { isInRoom: false, obstacle: null, peers: two };
    expect(verdictOf('isolation', { servers: [server('unreachable')], room })).toBe('skipped');
  });
});

describe('the way to one device', () => {
  const wayTo = (...peers: ReturnType<typeof peer>[]) =>
    find('direct-path', { room: roomOf(...peers), peerId: 'Kitchen' });

  it('is told as it is', () => {
    expect(wayTo(linkedPeer('Kitchen'))).toMatchObject({ verdict: 'ok' });
    expect(wayTo(linkedPeer('Kitchen')).words).toContain('directly (host ↔ host)');
    expect(wayTo(linkedPeer('Kitchen', 'reflexive'))).toMatchObject({ verdict: 'warning' });
    expect(wayTo(linkedPeer('Kitchen', 'turn')).words).toContain('relay');
    expect(wayTo(linkedPeer('Kitchen', 'signaling-relay')).words).toContain('through the hotel’s server');
    expect(wayTo(peer('Kitchen'))).toMatchObject({ verdict: 'ok' });
    expect(wayTo(peer('Kitchen', { state: 'opening' }))).toMatchObject({ verdict: 'warning' });
    const mending = { ...linkedPeer('Kitchen'), state: 'mending' as const };
    expect(wayTo(mending)).toMatchObject({ verdict: 'warning', words: expect.stringContaining('Nothing crosses') });
    expect(verdictOf('isolation', { room: roomOf(mending) })).toBe('skipped');
    expect(wayTo()).toMatchObject({ verdict: 'failed', words: 'That device is not here.' });
  });

  it('says with what the last attempts ended', () => {
    expect(wayTo(timedOutPeer('Kitchen')).words).toBe(
      'There is no link to Kitchen. 3 attempts failed, the last one 8 seconds ago: it did not open within 15 s.',
    );
    expect(wayTo(timedOutPeer('Kitchen', { isRefusal: true })).advice).toContain('enrol');
  });

  it('is told for all where none is named', () => {
    const found = find('direct-path', { room: roomOf(linkedPeer('Till'), timedOutPeer('Kitchen'), peer('Bar')) });
    expect(found.verdict).toBe('failed');
    expect(found.words).toContain('1 of the 3 other devices here is linked to this one.');
    expect(found.words).toContain('There is no link to Kitchen. 3 attempts failed');
    const none = find('direct-path', { room: roomOf(timedOutPeer('Kitchen'), timedOutPeer('Bar')) });
    expect(none.words).toMatch(/^None of the 2 other devices .* Nor is there one to Bar\.$/);
    const two = find('direct-path', { room: roomOf(linkedPeer('Till'), linkedPeer('Bar')) });
    expect(two.words).toBe('All 2 other devices here are linked to this one.');
    expect(find('direct-path', { room: roomOf(linkedPeer('Till')) }).words).toContain('A link to Till stands');
    expect(verdictOf('direct-path', { room: roomOf() })).toBe('skipped');
    expect(verdictOf('direct-path', { room: null })).toBe('skipped');
    expect(verdictOf('direct-path', { room: 'silent' })).toBe('warning');
  });
});

describe('STUN', () => {
  const verdict = (answer: Partial<Facts['stun'][0]>, facts: Partial<Facts> = {}) =>
    verdictOf('stun', { stun: [iceServer('stun:stun.example.com:3478', answer)], ...facts });

  it('is well with an address, and a warning without an answer', () => {
    expect(verdict(gathered(candidate('srflx', '203.0.113.7')))).toBe('ok');
    expect(verdict({ isComplete: false })).toBe('warning');
    expect(verdict({ errors: [{ code: 701, text: 'STUN host lookup received error.' }] })).toBe('warning');
    expect(verdict({ problem: 'SyntaxError' })).toBe('warning');
    expect(verdictOf('stun', {})).toBe('skipped');
    expect(verdict({}, { own: gathered() })).toBe('skipped');
  });

  it('is missed by nobody whose links stand within the network', () => {
    const room = roomOf(linkedPeer('Kitchen'));
    expect(verdict({ isComplete: false }, { room })).toBe('ok');
    expect(verdict({ isComplete: false }, { room: roomOf(linkedPeer('Kitchen'), timedOutPeer('Bar')) })).toBe(
      'warning',
    );
  });

  it('is well where a browser is told of no other address than its own; a program is not told of errors', () => {
    expect(verdict({})).toBe('ok');
    expect(verdict({}, { isBrowser: false })).toBe('warning');
  });
});

describe('TURN', () => {
  const found = (...answers: Partial<Facts['turn'][0]>[]) =>
    find('turn', { turn: answers.map((answer) => iceServer('turn:turn.example.com:3478?transport=udp', answer)) });
  const relay = gathered(candidate('relay', '198.51.100.1'));

  it('is well with an address at the relay', () => {
    expect(found(relay).verdict).toBe('ok');
  });

  it('is not missed where none is set up: the server may carry a link', () => {
    expect(find('turn', {})).toMatchObject({ verdict: 'skipped', words: expect.stringContaining('server may carry') });
  });

  it('is not said to be missing by a tab that works through another one, to which the server lends it', () => {
    const { verdict, words } = find('turn', { areRelaysKnown: false });
    expect([verdict, words]).toEqual([
      'skipped',
      expect.stringMatching(/set up here\. Whether the hotel’s server lends one/),
    ]);
  });

  it('fails with the reason: the password, a refusal, a name, silence', () => {
    expect(found({ errors: [{ code: 401, text: 'Unauthorized.' }] })).toMatchObject({ verdict: 'failed' });
    expect(found({ errors: [{ code: 401, text: 'Unauthorized.' }] }).words).toContain('user name and password');
    expect(found({ errors: [{ code: 486, text: 'Quota' }] }).words).toContain('Quota (486)');
    expect(found({ errors: [{ code: 701, text: 'TURN host lookup received error.' }] }).words).toContain(
      'not known here',
    );
    expect(found({ isComplete: false }).advice).toContain('turn.example.com:3478 out');
    expect(found({}).words).toContain('user name or password is wrong');
    expect(found({ problem: 'InvalidAccessError' }).words).toContain('InvalidAccessError');
  });

  it('has the secret and clocks of a relay looked at that the server lends, where it refuses', () => {
    for (const answer of [{ errors: [{ code: 401, text: 'Unauthorized.' }] }, {}]) {
      expect(found(answer).advice).toMatch(/iceServers.*INNMESH_TURN_SECRET.*static-auth-secret.*clocks of both/);
    }
  });

  it.each([
    'turns:turn.example.com',
    'turns:turn.example.com:443?transport=tcp',
    'turn:turn.example.com?transport=tcp',
  ])('says that a program does not ask %s, which no password mends', (url) => {
    const turn = [iceServer(url, {})];
    const skipped = find('turn', { isBrowser: false, turn });
    expect(skipped).toMatchObject({ verdict: 'skipped', words: expect.stringMatching(/over UDP only.*browser\.$/) });
    const both = find('turn', { isBrowser: false, turn: [...turn, iceServer('turn:turn.example.com', relay)] });
    expect(both).toMatchObject({ verdict: 'ok', words: expect.stringMatching(/ works, at .* over UDP only/) });
    expect(find('turn', { turn })).toMatchObject({ verdict: 'failed' });
  });

  it('is well enough where one of two relays works', () => {
    expect(found({ isComplete: false }, relay).verdict).toBe('warning');
  });
});

describe('the permission for the local network', () => {
  const near = { servers: [server('unreachable', 'ws://192.168.1.20:8080')] };

  it('fails where it was denied to a page that calls a server there', () => {
    expect(find('local-network', { localNetwork: 'denied', ...near })).toMatchObject({ verdict: 'failed' });
    expect(find('local-network', { localNetwork: 'denied', ...near }).advice).toContain('Allow');
  });

  it.each(['denied', 'prompt'] as const)(
    '(%s) is the likely cause where no server answers, whatever their names',
    (localNetwork) => {
      const hub = server('silent', 'wss://hub.hotel.example');
      for (const servers of [near.servers, [hub]]) {
        const { verdict, summary } = judge(factsOf({ localNetwork, servers }));
        expect([verdict, summary]).toEqual(['failed', expect.stringMatching(/^This page has not been allowed/)]);
      }
      expect(find('local-network', { localNetwork, servers: [hub] }).words).toMatch(
        / That may be why nothing was heard from wss:\/\/hub\.hotel\.example\.$/,
      );
      expect(find('local-network', { localNetwork, ...near }).words).not.toContain('That may be');
      expect(verdictOf('local-network', { localNetwork, servers: [server('answers'), hub] })).toBe('warning');
      const own = { servers: [hub], pageHost: 'hub.hotel.example' };
      expect(verdictOf('local-network', { localNetwork, ...own })).toBe('ok');
    },
  );

  it('is not to be had for a page without https:', () => {
    const found = find('local-network', { localNetwork: 'denied', isSecurePage: false, ...near });
    expect(found).toMatchObject({ verdict: 'failed', advice: expect.stringContaining('https:') });
  });

  it('is not missed where a server there answers, or none is there', () => {
    const answering = { servers: [server('answers', 'ws://192.168.1.20:8080')] };
    expect(verdictOf('local-network', { localNetwork: 'denied', isSecurePage: false, ...answering })).toBe('ok');
    expect(verdictOf('local-network', { localNetwork: 'denied' })).toBe('ok');
    expect(verdictOf('local-network', { localNetwork: 'granted', ...near })).toBe('ok');
  });

  it('is not needed by a page from the network itself, nor where the browser knows of none, nor by a program', () => {
    expect(verdictOf('local-network', { localNetwork: 'denied', pageHost: '192.168.1.20', ...near })).toBe('ok');
    expect(verdictOf('local-network', { localNetwork: 'unknown', ...near })).toBe('skipped');
    expect(verdictOf('local-network', { localNetwork: 'denied', isBrowser: false, ...near })).toBe('skipped');
  });
});
