import { encodeFrameContext, encodeText } from '@innmesh/protocol';
import type { AgreementKey, Bytes, Cipher } from './sealing.ts';

export interface Descriptions {
  offer: string;
  answer: string;
  otherKey: Bytes;
  attempt: number;
}

const NONCE_BYTES = 12;

/**
 * Seals what this side sends and opens what comes, each in its one order (SPEC.md, F3): the nonce is how many frames went
 * before, so that it never comes twice and need not be sent, and what is changed, left out, repeated or out of its turn
 * does not open.
 */
export class FrameSeal {
  readonly #outgoing: Cipher;
  readonly #incoming: Cipher;
  readonly #context: Bytes;
  #sealed = 0;
  #opened = 0;

  private constructor(outgoing: Cipher, incoming: Cipher, context: Bytes) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
    this.#context = context;
  }

  static async agree(side: 'offerer' | 'answerer', key: AgreementKey, descriptions: Descriptions): Promise<FrameSeal> {
    const { offer, answer, otherKey, attempt } = descriptions;
    const context = encodeFrameContext(attempt);
    const [offerer, answerer] = await key.agree({ otherKey, salt: encodeText(offer + answer), context });
    return side === 'offerer' ? new FrameSeal(offerer, answerer, context) : new FrameSeal(answerer, offerer, context);
  }

  seal(content: Bytes): Promise<Bytes> {
    return this.#outgoing.seal(nonceOf(this.#sealed++), content, this.#context);
  }

  /** Rejects for what is not the other side's next frame. */
  open(sealed: Bytes): Promise<Bytes> {
    return this.#incoming.open(nonceOf(this.#opened++), sealed, this.#context);
  }
}

function nonceOf(count: number): Bytes {
  const nonce = new Uint8Array(NONCE_BYTES);
  new DataView(nonce.buffer).setBigUint64(NONCE_BYTES - 8, BigInt(count));
  return nonce;
}
