import { seededRandom } from '@innmesh/kit';
import { DecoderFuzzer } from './decoder-fuzzer.ts';
import { Findings } from './findings.ts';
import type { Fuzzer } from './fuzzer.ts';
import { LinkFuzzer } from './link-fuzzer.ts';
import { ServerFuzzer } from './server-fuzzer.ts';

export interface CampaignOptions {
  seed: number;
  frames: number;
  /** Collects garbage, so that what is left can be measured. Without it memory is not looked at. */
  collectGarbage?: (() => void) | undefined;
}

export interface CampaignResult {
  frames: number;
  tookMs: number;
  /** From the first quarter to the end; `null` where it was not looked at. */
  heapGrowthBytes: number | null;
  /** What came of the frames. */
  counts: Record<string, number>;
  finding: string | null;
}

/** So many frames of ten go to each. */
const SHARES = { server: 5, link: 4, decoder: 1 };
const ROUND_FRAMES = 1_000;
/** Compiled code comes and goes by a few MiB; a leak of six bytes a frame is more after a million. */
const MAX_HEAP_GROWTH_BYTES = 4 * 1024 * 1024;

/** The command that does the same again. */
export const repeatCommand = ({ seed, frames }: Pick<CampaignOptions, 'seed' | 'frames'>) =>
  `INNMESH_SEED=${seed} INNMESH_FRAMES=${frames} npm run fuzz`;

/** Attacks server, links and decoders by turns until all frames are used or something is found. */
export async function runCampaign({ seed, frames, collectGarbage }: CampaignOptions): Promise<CampaignResult> {
  const campaign = new Campaign(seed);
  const startMs = performance.now();
  await campaign.advanceTo(frames / 4);
  const heapBefore = await heapAfter(collectGarbage);
  await campaign.advanceTo(frames);
  const heapGrowthBytes = collectGarbage ? (await heapAfter(collectGarbage)) - heapBefore : null;
  await campaign.finish();
  const tookMs = performance.now() - startMs;
  const { sent, counts, findings } = campaign;
  if (heapGrowthBytes !== null && heapGrowthBytes > MAX_HEAP_GROWTH_BYTES) {
    findings.note(`The heap has grown by ${heapGrowthBytes} bytes; ${MAX_HEAP_GROWTH_BYTES} are allowed.`);
  }
  return { frames: sent, tookMs, heapGrowthBytes, counts, finding: findings.first };
}

class Campaign {
  readonly findings = new Findings();
  readonly #server: Fuzzer;
  readonly #link: Fuzzer;
  readonly #decoder: Fuzzer;
  readonly #noteRejection = (reason: unknown) => {
    this.findings.note(`A rejection was not handled: ${reason instanceof Error ? reason.stack : reason}`);
  };
  sent = 0;

  constructor(seed: number) {
    const deps = (offset: number) => ({ random: seededRandom(seed + offset), findings: this.findings });
    this.#server = new ServerFuzzer(deps(0));
    this.#link = new LinkFuzzer(deps(1));
    this.#decoder = new DecoderFuzzer(deps(2));
    process.on('unhandledRejection', this.#noteRejection);
  }

  get counts(): Record<string, number> {
    return { ...this.#server.summary(), ...this.#link.summary(), ...this.#decoder.summary() };
  }

  async advanceTo(frames: number): Promise<void> {
    while (this.sent < frames && !this.findings.first) {
      await this.#round(Math.min(ROUND_FRAMES, frames - this.sent));
    }
  }

  async finish(): Promise<void> {
    for (const fuzzer of this.#fuzzers) if (!this.findings.first) await fuzzer.finish();
    await turnOver();
    process.off('unhandledRejection', this.#noteRejection);
    if (this.findings.first) return;
    for (const [what, count] of Object.entries(this.counts)) {
      this.findings.expect(count > this.sent / 1_000, () => `Tested too little: ${what} ${count}.`);
    }
  }

  get #fuzzers(): Fuzzer[] {
    return [this.#server, this.#link, this.#decoder];
  }

  async #round(frames: number): Promise<void> {
    const { server, link, decoder } = SHARES;
    for (let frame = 0; frame < frames && !this.findings.first; frame++) {
      const turn = frame % (server + link + decoder);
      const fuzzer = turn < server ? this.#server : turn < server + link ? this.#link : this.#decoder;
      await fuzzer.step();
      this.sent += 1;
    }
    await turnOver();
    if (!this.findings.first) for (const fuzzer of this.#fuzzers) fuzzer.check();
  }
}

/** Rejections that nobody handles are told of by now. */
const turnOver = () => new Promise<void>((resolve) => setImmediate(resolve));

/** What is finalized after one collection is freed by the next. */
const COLLECTIONS = 3;

async function heapAfter(collectGarbage: (() => void) | undefined): Promise<number> {
  for (let left = COLLECTIONS; left > 0; left--) {
    collectGarbage?.();
    await turnOver();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
