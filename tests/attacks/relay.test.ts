import { systemClock } from '@innmesh/kit';
import { decodeLinkMessage } from '@innmesh/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LinkSignal } from '../../lib/webrtc/client/link/link.ts';
import type { Transport } from '../../lib/webrtc/client/link/transport.ts';
import { lanes } from '../../lib/webrtc/client/link/transport.ts';
import type { RelayedTransport } from '../../lib/webrtc/client/relay/relayed-transport.ts';
import { linkOf } from '../../lib/webrtc/client/relay/test-support/device-link.ts';
import { FakeEnd, FakeServer } from '../../lib/webrtc/client/relay/test-support/relayed-pair.ts';
import { idOf, keyOf } from '../../lib/webrtc/server/test-support/device-keys.ts';
import { without } from './support/guards.ts';
import { credentialOf, hotel, problemOf } from './support/hotel.ts';

vi.mock('../../lib/protocol/trust/transcripts.ts', async (importOriginal) =>
  (await import('./support/guards.ts')).weakTranscripts(await importOriginal()),
);

type Bytes = Uint8Array<ArrayBuffer>;

function transportTo(send: (frame: Bytes) => void): RelayedTransport {
  const { transport } = new FakeEnd('offerer', new FakeServer(), systemClock, { send });
  onTestFinished(() => transport.close('it is over.'));
  return transport;
}

async function endOf(name: string, other: string, transport: Transport, signal: (signal: LinkSignal) => void) {
  const device = { name, key: keyOf(name), credential: credentialOf(name, 'staff'), issuerKeys: hotel.keySet };
  const problems: string[] = [];
  const link = await linkOf(device, idOf(other), transport, {
    signal,
    closed: ({ cause, onPurpose }) => {
      if (!onPurpose && cause) problems.push(problemOf(cause));
    },
  });
  return { link, problems };
}

describe('a signaling server that puts keys of its own into the descriptions, and seals anew for both ends', () => {
  async function attack() {
    const read: string[] = [];
    const waiting = new Map<Transport, [0 | 1, Bytes][]>();
    const passOn = (from: RelayedTransport, to: () => RelayedTransport) => {
      waiting.set(from, []);
      from.listen({
        candidate: () => {},
        opened: () => {
          for (const [lane, record] of waiting.get(from) ?? []) from.send(lane, record);
          waiting.delete(from);
        },
        received: (lane, records) => {
          for (const record of records) {
            if (lane === lanes.entries) read.push(decodeLinkMessage(record).type);
            const held = waiting.get(to());
            if (held) held.push([lane, record]);
            else to().send(lane, record);
          }
        },
        pathLost: () => {},
        pathFound: () => {},
        closed: () => {},
      });
    };
    const waitersEnd: RelayedTransport = transportTo((frame) => waiter.receive(frame));
    const kitchensEnd: RelayedTransport = transportTo((frame) => kitchen.receive(frame));
    passOn(waitersEnd, () => kitchensEnd);
    passOn(kitchensEnd, () => waitersEnd);
    const waiter = transportTo((frame) => waitersEnd.receive(frame));
    const kitchen = transportTo((frame) => kitchensEnd.receive(frame));
    const answerer = await endOf('kitchen', 'waiter', kitchen, async (signal) => {
      if (signal.type !== 'answer') return;
      await kitchensEnd.acceptAnswer(signal.sdp);
      offerer.link.acceptAnswer({ ...signal, sdp: answer });
      waitersEnd.trickle();
    });
    let answer = '';
    const offerer = await endOf('waiter', 'kitchen', waiter, async (signal) => {
      if (signal.type !== 'offer') return;
      answer = await waitersEnd.answer(signal.sdp);
      answerer.link.answer({ ...signal, sdp: await kitchensEnd.offer() });
    });
    offerer.link.offer();
    const isOpen = () => offerer.link.isOpen && answerer.link.isOpen;
    const problems = () => [...offerer.problems, ...answerer.problems];
    await vi.waitFor(() => expect(isOpen() || problems().length > 0).toBe(true), { timeout: 10_000 });
    return { isOpen: isOpen(), read: [...new Set(read)], problems: [...new Set(problems())] };
  }

  it('reads everything where devices do not sign the keys, and otherwise nothing [F4] [L4]', async () => {
    expect(await without('fingerprints', attack)).toEqual({
      isOpen: true,
      read: ['authenticate', 'hello'],
      problems: [],
    });
    expect(await attack()).toEqual({ isOpen: false, read: ['authenticate'], problems: ['signature'] });
  });
});
