import { faultsOf, recordsOf } from '../measures.ts';
import { breakAndMend, type Mended, nextWay } from './breaks.ts';
import { type Figures, figuresOf } from './figures.ts';
import { expectSettled, openScene, pagesOf, type RepairsScene } from './scene.ts';

export interface Sample {
  mended: Mended;
  till: Figures;
  kitchen: Figures;
}

export interface RepairsResult {
  samples: Sample[];
  /** Connections of one page at one time that it has closed or not, and the browser has not collected. */
  mostUncollected: number;
  faults: ReturnType<typeof faultsOf>;
  /** Messages that were sent, each to all others. */
  sent: number;
  /** How often the till's application was told that a link is gone. */
  unlinked: number;
  seconds: number;
}

/**
 * Breaks the till's links until so many were mended. Measures at the start, at each of `samplesAt` and at the end.
 * @throws Error where messages do not cross any more, or a page has more connections open than it needs
 */
export async function countRepairs(
  repairs: number,
  samplesAt: readonly number[] = [],
  told: (sample: Sample) => void = () => {},
): Promise<RepairsResult> {
  const scene = await openScene();
  try {
    const startMs = performance.now();
    const count = new RepairCount(scene, told);
    await count.measure();
    for (const due of [...samplesAt.filter((each) => each < repairs), repairs]) {
      while (count.repairs < due) await count.goOn();
      await count.measure();
    }
    const { samples, mostUncollected } = count;
    const seconds = (performance.now() - startMs) / 1_000;
    return { samples, mostUncollected, seconds, ...(await outcome(scene)) };
  } finally {
    await scene.stage.close();
  }
}

class RepairCount {
  readonly samples: Sample[] = [];
  mostUncollected = 0;
  readonly #scene: RepairsScene;
  readonly #told: (sample: Sample) => void;
  readonly #mended: Mended = { restarted: 0, replaced: 0, madeAnew: 0 };
  #rounds = 0;

  constructor(scene: RepairsScene, told: (sample: Sample) => void) {
    this.#scene = scene;
    this.#told = told;
  }

  get repairs(): number {
    return sum(this.#mended);
  }

  async goOn(): Promise<void> {
    const way = nextWay(this.#mended);
    // What it closes would not be missed.
    if (way === 'madeAnew') await expectSettled(this.#scene);
    const mended = await breakAndMend(this.#scene, way, this.#rounds++);
    for (const way of Object.keys(mended) as (keyof Mended)[]) this.#mended[way] += mended[way];
    const counts = await Promise.all(pagesOf(this.#scene).map((page) => page.countConnections()));
    this.mostUncollected = Math.max(this.mostUncollected, ...counts.map(({ uncollected }) => uncollected));
  }

  async measure(): Promise<void> {
    const { tillHost, kitchenHost, till, kitchens } = this.#scene;
    await expectSettled(this.#scene);
    const figures = { till: await figuresOf(tillHost, [till]), kitchen: await figuresOf(kitchenHost, kitchens) };
    const sample = { mended: { ...this.#mended }, ...figures };
    this.samples.push(sample);
    this.#told(sample);
  }
}

export const sum = ({ restarted, replaced, madeAnew }: Mended) => restarted + replaced + madeAnew;

async function outcome(scene: RepairsScene): Promise<Pick<RepairsResult, 'faults' | 'sent' | 'unlinked'>> {
  const pages = pagesOf(scene);
  await Promise.all(pages.map((page) => page.stopWriting()));
  await scene.progress.caughtUp();
  const records = await recordsOf(pages);
  const lines = [...records.values()].flat();
  const told = records.get('till') ?? [];
  return {
    faults: faultsOf(records),
    sent: lines.filter(({ kind }) => kind === 'stored').length,
    unlinked: told.filter((line) => line.kind === 'noted' && line.what.startsWith('unlinked')).length,
  };
}
