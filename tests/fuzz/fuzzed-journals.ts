import type { Clock, Random } from '@innmesh/kit';
import {
  type Audience,
  CredentialError,
  Entitlements,
  InnmeshError,
  limits,
  type Reader,
  type ReceivedMessage,
  type ReplicationMessage,
} from '@innmesh/protocol';
import { Journals } from '../../lib/webrtc/client/journal/journals.ts';
import type { Introduction, Origin } from '../../lib/webrtc/client/journal/origins.ts';
import { MemoryStore } from '../../lib/webrtc/client/journal/store/memory-store.ts';
import type { Hello } from '../../lib/webrtc/client/link/handshake.ts';
import type { Link } from '../../lib/webrtc/client/link/link.ts';
import type { Trust } from '../../lib/webrtc/client/trust/trust.ts';
import { below, happens, pick } from './chance.ts';
import type { Findings } from './findings.ts';
import type { Frame } from './mutations.ts';

export const OWN_ID = `own${'A'.repeat(40)}`;

export interface FuzzedJournalsDeps {
  random: Random;
  findings: Findings;
  clock: Clock;
}

/** A device's real journals behind one link, with a store in memory, and an application that does not take everything. */
export class FuzzedJournals {
  delivered = 0;
  readonly #deps: FuzzedJournalsDeps;
  #journals!: Journals;
  #isClosed = false;

  private constructor(deps: FuzzedJournalsDeps) {
    this.#deps = deps;
  }

  static async open(deps: FuzzedJournalsDeps): Promise<FuzzedJournals> {
    const fuzzed = new FuzzedJournals(deps);
    fuzzed.#journals = await fuzzed.#open();
    return fuzzed;
  }

  hello(to: Pick<Reader, 'peerId' | 'role'>): Hello {
    return this.#journals.hello(to);
  }

  linked(link: Link, reader: Reader, hello: Hello): void {
    const { peerId } = reader;
    const shown = { publicKey: new Uint8Array(65), credential: 'shown' };
    const peer = {
      peerId,
      shown,
      reader: () => reader,
      send: (lane: 0 | 1, message: ReplicationMessage, stream: number) => link.replicate(lane, message, stream),
      drop: (reason: string) => {
        this.#expectReason(reason);
        link.drop(reason);
      },
    };
    this.#journals.linked(peer, hello);
  }

  heard(peerId: string, message: ReplicationMessage): void {
    this.#journals.heard(peerId, message);
  }

  closing(peerId: string): void {
    this.#journals.closing(peerId);
  }

  settled(): Promise<void> {
    return this.#journals.settled();
  }

  /** The link has ended, and the device goes. */
  close(peerId: string): void {
    this.#isClosed = true;
    this.#journals.unlinked(peerId);
    void this.#journals.close();
  }

  /** What the device's own application does meanwhile. */
  disturb(peerId: string): void {
    if (this.#isClosed) return;
    const { random } = this.#deps;
    if (happens(random, 0.2)) this.#journals.lookAround();
    else this.#journals.write(this.#message(), this.#audience(peerId));
  }

  #message(): ReceivedMessage {
    const { random } = this.#deps;
    if (happens(random, 0.2)) return { type: 'ping' };
    const data = new Uint8Array(happens(random, 0.1) ? 40_000 : below(random, 30));
    return { type: 'x-note', data };
  }

  #audience(peerId: string): Audience {
    return pick<Audience>(this.#deps.random, [
      { to: 'all' },
      { to: 'devices', names: [peerId] },
      { to: 'role', names: ['guest'] },
      { to: 'first', names: ['staff', 'guest'] },
    ]);
  }

  #open(): Promise<Journals> {
    const { clock, random, findings } = this.#deps;
    const trust = this.#trust() as unknown as Trust;
    const options = { capabilities: ['bar'], timesToLiveMs: {}, maxBytes: 2 * limits.messageBytes };
    const deps = { clock, random, trust, ...options, openDeliveries: new Map(), log: () => {} };
    return Journals.open(
      deps,
      {
        deliver: () => this.#deliver(),
        notTaken: () => {},
        pendingChanged: () => {},
        notKept: (error) => findings.note(`Something was not kept: ${error.stack}`),
        failed: (error) => {
          findings.expect(error instanceof InnmeshError, () => `An error without a code was reported: ${error.stack}`);
        },
      },
      new MemoryStore(),
    );
  }

  #deliver(): void | Promise<void> {
    const { random, findings } = this.#deps;
    findings.expect(!this.#isClosed, () => 'A message was handed over after the device had gone.');
    this.delivered += 1;
    if (happens(random, 0.1)) throw new Error('The application fails.');
    if (happens(random, 0.1)) return Promise.resolve();
    if (happens(random, 0.1)) return Promise.reject(new Error('The application fails later.'));
  }

  /** Another reason would be a bug of this device's. */
  #expectReason(reason: string): void {
    const isKnown =
      /it broke the protocol: .*(did not sign|has not signed|nobody has said|An entry|In an entry|Sealed entries|The frame|It )/s.test(
        reason,
      );
    this.#deps.findings.expect(isKnown, () => `A link was dropped for: ${reason}`);
  }

  /** Takes most signatures for right, so that what is signed is kept. */
  #trust(): Partial<Trust> {
    const { random } = this.#deps;
    return {
      peerId: OWN_ID,
      role: 'staff',
      entitlements: new Entitlements(),
      seal: async () => random.bytes(64) as Frame,
      verifySeal: async () => happens(random, 0.95),
      verifyOrigin: (introduction) => this.#verifyOrigin(introduction),
    };
  }

  async #verifyOrigin(introduction: Introduction): Promise<Origin> {
    const { random } = this.#deps;
    if (happens(random, 0.05)) throw new CredentialError('signature', 'the issuer did not sign it');
    if (happens(random, 0.05)) throw new CredentialError('unknown-key', "the issuer's keys could not be had");
    return { ...introduction, role: 'staff' };
  }
}
