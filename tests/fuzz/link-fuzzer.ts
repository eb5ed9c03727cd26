import { ManualClock, type Random } from '@innmesh/kit';
import { readCredential } from '@innmesh/protocol';
import { TestIssuer } from '../../lib/webrtc/server/test-support/test-issuer.ts';
import { happens, pick } from './chance.ts';
import type { Findings } from './findings.ts';
import { FuzzedLink, type FuzzedLinkDeps } from './fuzzed-link.ts';
import type { Fuzzer, FuzzerDeps } from './fuzzer.ts';
import { RepeatableKey } from './repeatable-key.ts';

const LINKS = 8;
/** After so many frames a link is closed, if it lives yet. */
const MAX_FRAMES = 100;

/** Several links at once, each in its own phase. */
export class LinkFuzzer implements Fuzzer {
  readonly #random: Random;
  readonly #findings: Findings;
  readonly #deps: FuzzedLinkDeps;
  readonly #links: (FuzzedLink | undefined)[] = Array.from({ length: LINKS }, () => undefined);
  /** Over since the last check. */
  #ended: FuzzedLink[] = [];
  readonly #counts = { 'links opened': 0, 'messages taken': 0 };

  constructor({ random, findings }: FuzzerDeps) {
    this.#random = random;
    this.#findings = findings;
    const issuer = new TestIssuer(new ManualClock(), new RepeatableKey(random).asSigningKey());
    const { peerId } = new RepeatableKey(random);
    const credential = issuer.credential({}, { sub: peerId, cnf: { jkt: peerId } });
    this.#deps = { random, findings, credential, claims: readCredential(credential).claims };
  }

  async step(): Promise<void> {
    const random = this.#random;
    const at = Math.floor(random.unit() * LINKS);
    const link = this.#links[at] ?? (await this.#begin(at));
    if (happens(random, 0.3)) link.disturb();
    link.hear();
    if (happens(random, 0.5)) await turns();
    if (link.framesHeard >= MAX_FRAMES) link.close();
    if (link.isOver && happens(random, 0.7)) this.#retire(at);
  }

  check(): void {
    for (const link of this.#ended) link.expectNothingLeft();
    this.#ended = [];
  }

  async finish(): Promise<void> {
    for (const link of this.#links) link?.close();
    await turns();
    for (const [at] of this.#links.entries()) this.#retire(at);
    this.check();
  }

  summary(): Record<string, number> {
    return { ...this.#counts };
  }

  async #begin(at: number): Promise<FuzzedLink> {
    const link = await FuzzedLink.open(this.#deps);
    this.#links[at] = link;
    link.begin();
    await turns();
    // Some are told something before their channels are open.
    if (happens(this.#random, 0.1)) link.hear();
    this.#findings.guard('A link, connected,', null, () => link.connect());
    if (pick(this.#random, [true, false])) await turns();
    return link;
  }

  #retire(at: number): void {
    const link = this.#links[at];
    if (!link) return;
    if (link.wasOpen) this.#counts['links opened'] += 1;
    this.#counts['messages taken'] += link.messagesTaken;
    this.#ended.push(link);
    this.#links[at] = undefined;
  }
}

/** Longer than any chain of promises in a link. */
async function turns(): Promise<void> {
  for (let left = 12; left > 0; left--) await Promise.resolve();
}
