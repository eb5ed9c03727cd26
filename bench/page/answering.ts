import type { Link } from '../contestants/link.ts';
import { createPayload, type Kind, kinds, parsePayload, smallestBytes } from './payload.ts';
import { createTally, type Tally } from './tally.ts';

/** The waiting device: echoes pings, counts streams and confirms their totals. */
export function createAnswering() {
  let stream = createTally(0);
  let announced: number | undefined;

  function answer(link: Link): void {
    link.onMessage((payload) => {
      const message = parsePayload(payload);
      if (message.kind === kinds.ping) reply(link, kinds.pong, message.value, payload.byteLength);
      if (message.kind === kinds.item) stream.count(message, payload.byteLength);
      if (message.kind === kinds.end) announced = message.value;
      if (announced !== undefined && stream.tally.received >= announced) confirm(link);
    });
  }

  function confirm(link: Link): void {
    announced = undefined;
    reply(link, kinds.received, stream.tally.received, smallestBytes);
  }

  return {
    answer,
    expectStream(sizeBytes: number): void {
      stream = createTally(sizeBytes);
      announced = undefined;
    },
    tally: (): Tally => stream.tally,
  };
}

function reply(link: Link, kind: Kind, value: number, sizeBytes: number): void {
  void link.send(createPayload(kind, value, sizeBytes));
}
