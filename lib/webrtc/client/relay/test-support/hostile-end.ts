import {
  encodeSealedContent,
  readRelayedDescription,
  type SealedContent,
  writeRelayedDescription,
} from '@innmesh/protocol';
import { FrameSeal } from '../frame-seal.ts';
import { type Bytes, loadSealing } from '../sealing.ts';
import { ATTEMPT, createPair } from './relayed-pair.ts';

/** A device that has the keys of its own link and keeps to nothing else; and the end that it has to do with. */
export async function openWithHostile() {
  const { server, offerer: victim } = createPair();
  const key = await (await loadSealing()).createKey();
  const offer = await victim.transport.offer();
  const answer = writeRelayedDescription(key.publicKey);
  const otherKey = readRelayedDescription(offer);
  const seal = await FrameSeal.agree('answerer', key, { offer, answer, otherKey, attempt: ATTEMPT });
  await victim.transport.acceptAnswer(answer);
  const heard: Bytes[] = [];
  server.receivers.set('answerer', (frame) => heard.push(frame));
  return {
    victim,
    heard,
    say: async (content: Partial<SealedContent>) =>
      victim.transport.receive(
        await seal.seal(encodeSealedContent({ takenBytes: 0, kind: 0, part: new Uint8Array(), ...content })),
      ),
  };
}
