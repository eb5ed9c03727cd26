import type { NetworkTopology } from '@innmesh/webrtc';
import { createSignalingServer, type SignalingServer } from '@innmesh/webrtc/signaling-server';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AnyBrowser, browserNames } from '../support/any-browser.ts';
import { type BrowserLab, startBrowserLab } from '../support/browser.ts';
import { until } from '../support/devices.ts';
import { networkAddress } from '../support/network-address.ts';
import { summaryOfDocument } from './interoperability-page.ts';
import { openStation, type Platform, type Station } from './interoperability-stations.ts';

/* Firefox ESR takes part in the interoperability test: with Chromium and Node, in one room. */

const LOOPBACK = '127.0.0.1';
const plainHost = networkAddress();
const BURST = 500;
const MEGABYTE = 1_000_000;

const kinds = ['Chromium', 'Firefox', 'Node'] as const;
type Kind = (typeof kinds)[number];

const others = (kind: Kind) => kinds.filter((other) => other !== kind);
const pairs = kinds.flatMap((one, index) => kinds.slice(index + 1).map((other) => [one, other] as const));
const apart = [
  ...pairs.map(([one, other]) => [one, LOOPBACK, other] as const),
  ['Firefox', plainHost, 'Chromium'] as const,
];
const directions = kinds.flatMap((one) => others(one).map((other) => [one, other] as const));

let lab: BrowserLab;
let browsers: AnyBrowser;
let signaling: SignalingServer;
let rooms = 0;
const stations: Station[] = [];

async function startSignaling(port = 0): Promise<void> {
  signaling = await createSignalingServer({ port, host: '0.0.0.0' });
}

interface StationOptions {
  host?: string;
  iceTransportPolicy?: RTCIceTransportPolicy;
}

/** A device in the newest room. */
async function open(runsOn: Platform['runsOn'], options: StationOptions = {}): Promise<Station> {
  const { host = LOOPBACK, iceTransportPolicy = 'all' } = options;
  const config = {
    signalingServers: [`ws://${host}:${signaling.port}`],
    tenantId: `hotel-${rooms}`,
    deviceInfo: { type: 'staff' as const, name: `${runsOn} at ${host}`, capabilities: [] },
    iceServers: [],
    reconnectInterval: 200,
  };
  const station = await openStation(browsers, { runsOn, host }, { config, iceTransportPolicy });
  stations.push(station);
  return station;
}

/** In the newest room. */
const openAll = <Kinds extends readonly Kind[]>(all: Kinds, options: StationOptions = {}) =>
  Promise.all(all.map((kind) => open(kind, options))) as Promise<{ -readonly [Index in keyof Kinds]: Station }>;

/** One of each kind in a new room. */
async function openHouse(options: StationOptions = {}): Promise<Record<Kind, Station>> {
  rooms += 1;
  const [Chromium, Firefox, Node] = await openAll(kinds, options);
  return { Chromium, Firefox, Node };
}

/** How often their applications were told that a link is gone. */
async function unlinked(members: Station[]): Promise<number> {
  const counts = await Promise.all(members.map((member) => member.run((device) => device.unlinked)));
  return counts.reduce((sum, count) => sum + count, 0);
}

const linked = (members: Station[]) =>
  until(async () => {
    const links = await Promise.all(members.map((member) => member.run((device) => device.linkedTo())));
    return members.every(({ peerId }, index) =>
      members.every((_, other) => other === index || links[other]?.includes(peerId)),
    );
  }, 'each to be linked to each');

/** The numbers of one writer, in the order in which they were handed over. */
async function numbersOf(reader: Station, writer: Station): Promise<number[]> {
  return (await reader.handed()).filter(({ from }) => from === writer.peerId).map(({ number }) => number);
}

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** Waits until the reader has the last, and then holds it to all that there is to be. */
async function expectWhole(reader: Station, writer: Station, last: number): Promise<void> {
  await until(async () => (await numbersOf(reader, writer)).includes(last), `number ${last}`);
  expect(await numbersOf(reader, writer)).toEqual(upTo(last));
}

/** As above; one may have come again under its id, where the page ended before it was noted. */
async function expectWholeOverEnd(reader: Station, writer: Station, last: number): Promise<void> {
  await until(async () => (await numbersOf(reader, writer)).includes(last), `number ${last}`);
  const own = (await reader.handed()).filter(({ from }) => from === writer.peerId);
  expect([...new Map(own.map(({ id, number }) => [id, number])).values()]).toEqual(upTo(last));
}

const nothingFailed = async (members: Station[]) => {
  for (const member of members) expect(await member.run(({ errors }) => errors)).toEqual([]);
};

async function removeAll(): Promise<void> {
  await Promise.all(stations.splice(0).map((station) => station.remove()));
  await until(() => signaling.stats().devices === 0, 'everyone to leave');
}

describe.skipIf(!browserNames.includes('Firefox'))('Chromium, Firefox ESR and Node in one room', () => {
  beforeAll(async () => {
    await startSignaling();
    lab = await startBrowserLab({ host: '0.0.0.0' }, new URL('./interoperability-page.ts', import.meta.url));
    browsers = new AnyBrowser(lab);
  });

  afterAll(async () => {
    await browsers.close();
    await lab.close();
    await signaling.close();
  });

  describe('whose links stand', () => {
    let house: Record<Kind, Station>;

    beforeAll(async () => {
      house = await openHouse();
      await linked(Object.values(house));
    });

    afterAll(removeAll);

    it.each(directions)('go directly, as %s tells of its way to %s', async (one, other) => {
      const topology = await house[one].run((device, peerId) => device.topology(peerId), house[other].peerId);
      expect(topology).toMatchObject({ topology: 'local-p2p', path: 'host', estimatedCost: 0, reason: '' });
    });

    it('carry bursts of all to all at once', async () => {
      const members = Object.values(house);
      await Promise.all(members.map((member) => member.run((device, last) => device.write(1, last), BURST)));
      for (const reader of members) {
        for (const writer of members) if (reader !== writer) await expectWhole(reader, writer, BURST);
      }
    });

    it.each(directions)(
      'carry a document of a megabyte, and a ping and its answer, from %s to %s',
      async (one, other) => {
        const [writer, reader] = [house[one], house[other]];
        const pongs = await writer.run((device) => device.pongs);
        await writer.run((device, to) => device.ping(to), reader.peerId);
        await until(async () => (await writer.run((device) => device.pongs)) === pongs + 1, 'the answer');
        await writer.run((device, [bytes, to]) => device.writeDocument(bytes, to), [MEGABYTE, reader.peerId] as const);
        const documents = (await reader.run((device) => device.documents)).filter(({ from }) => from === writer.peerId);
        expect(documents).toEqual([{ from: writer.peerId, ...summaryOfDocument(MEGABYTE) }]);
      },
    );

    it('have had no trouble', () => nothingFailed(Object.values(house)));
  });

  describe('lose, repeat and disorder nothing', () => {
    afterEach(removeAll);

    /** Both write while something happens. */
    async function writeThrough(members: Station[], last: number, trouble: () => Promise<unknown>): Promise<void> {
      await linked(members);
      for (const member of members) await member.run((device, count) => device.writeOnAndOn(count, 5), last);
      for (const member of members)
        await until(async () => (await member.run(({ stored }) => stored)) > 50, 'the first fifty');
      await trouble();
      for (const reader of members) {
        for (const writer of members) if (reader !== writer) await expectWhole(reader, writer, last);
      }
      await linked(members);
    }

    it.each(directions)('where %s loses the connection to %s behind the library’s back', async (one, other) => {
      rooms += 1;
      const [breaker, peer] = await openAll([one, other] as const);
      await writeThrough([breaker, peer], 300, async () => {
        expect(await breaker.run((device) => device.breakLink())).toBe(true);
      });
    });

    it('while there is no server, where each loses a connection meanwhile, and when there is one again', async () => {
      const members = Object.values(await openHouse());
      const { port } = signaling;
      await writeThrough(members, 300, async () => {
        await signaling.close();
        try {
          for (const member of members) {
            const before = await unlinked(members);
            expect(await member.run((device) => device.breakLink())).toBe(true);
            // Two that break at once could leave one that nobody reaches.
            await until(async () => (await unlinked(members)) > before, 'the other end to notice');
            await linked(members);
          }
        } finally {
          await startSignaling(port);
        }
        await until(() => signaling.stats().devices === members.length, 'all to come back');
      });
    });
  });

  describe('hand over what was written', () => {
    afterEach(removeAll);

    it.each(kinds)('while %s was closed, when it is back', async (kind) => {
      const house = await openHouse();
      await linked(Object.values(house));
      const reader = house[kind];
      const writers = others(kind).map((other) => house[other]);
      for (const writer of writers) await writer.run((device) => device.write(1, 5));
      for (const writer of writers) await expectWhole(reader, writer, 5);
      await reader.close();
      await until(() => signaling.stats().devices === 2, 'it to be gone');
      for (const writer of writers) {
        await writer.run((device) => device.write(6, 20));
        await writer.run((device, to) => device.write(21, 25, to), reader.peerId);
      }
      const { peerId } = reader;
      await reader.open();
      expect(reader.peerId).toBe(peerId);
      for (const writer of writers) await expectWholeOverEnd(reader, writer, 25);
    });

    it.each(kinds)('by %s before it was closed, with nobody there, when all are back', async (kind) => {
      rooms += 1;
      const writer = await open(kind);
      await writer.run((device) => device.write(1, 20));
      await writer.close();
      await until(() => signaling.stats().devices === 0, 'it to be gone');
      await writer.open();
      expect(await writer.run((device) => device.pending())).toBe(20);
      const readers = await Promise.all(others(kind).map((other) => open(other)));
      for (const reader of readers) await expectWhole(reader, writer, 20);
    });
  });

  describe('exchange orders and documents', () => {
    afterEach(removeAll);

    it('by plain http, where pages have no WebCrypto', async () => {
      const members = Object.values(await openHouse({ host: plainHost }));
      await exchange(members);
      for (const topology of await topologiesOf(members)) expect(topology?.path).toBe('host');
    });

    it.each(apart)(
      'through the server where no way is found: %s at %s and %s, who comes later',
      async (one, host, other) => {
        rooms += 1;
        const options = { host, iceTransportPolicy: 'relay' } as const;
        const members = [await open(one, options), await open(other, options)];
        await exchange(members);
        for (const topology of await topologiesOf(members)) expect(topology?.path).toBe('signaling-relay');
      },
    );
  });

  /** Each link carries orders, and a document. */
  async function exchange(members: Station[]): Promise<void> {
    await linked(members);
    for (const member of members) await member.run((device) => device.write(1, 300));
    const [first, second] = members as [Station, Station];
    await first.run((device, to) => device.writeDocument(100_000, to), second.peerId);
    await second.run((device, to) => device.writeDocument(100_000, to), first.peerId);
    for (const reader of members) {
      for (const writer of members) if (reader !== writer) await expectWhole(reader, writer, 300);
    }
  }

  /** Of each, the one to its first peer. */
  const topologiesOf = (members: Station[]): Promise<(NetworkTopology | null)[]> =>
    Promise.all(members.map((member) => member.run((device) => device.topology(device.linkedTo()[0] ?? ''))));
});
