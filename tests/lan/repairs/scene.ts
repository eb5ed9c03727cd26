import { eventually } from '../eventually.ts';
import type { Host } from '../network/host.ts';
import { isLinked, Stage } from '../stage.ts';
import type { PageStation } from '../stations/page-station.ts';
import { Progress } from './progress.ts';

/** Each time that the till is cut off, as many links are broken. */
export const KITCHENS = 3;

const WRITE_INTERVAL_MS = 100;

/** A page has a link to each other one, and a connection ready for the next. */
const NEEDED = KITCHENS + 1;
/** A link that was replaced is closed a second later. */
const PATIENCE_MS = 20_000;

/** A till that is linked to pages on one other host. All write to all, all the time. */
export interface RepairsScene {
  stage: Stage;
  tillHost: Host;
  kitchenHost: Host;
  till: PageStation;
  kitchens: PageStation[];
  progress: Progress;
}

export const pagesOf = ({ till, kitchens }: RepairsScene): PageStation[] => [till, ...kitchens];

export async function openScene(): Promise<RepairsScene> {
  const stage = await Stage.open(['innmesh']);
  try {
    const [tillHost, kitchenHost] = [await stage.lan.host('till'), await stage.lan.host('kitchen')];
    const names = Array.from({ length: KITCHENS }, (_, index) => `kitchen-${index + 1}`);
    const open = (host: Host, name: string) =>
      stage.page(host, 'innmesh', { name, readers: ['till', ...names].filter((other) => other !== name) });
    const kitchens: PageStation[] = [];
    for (const name of names) kitchens.push(await open(kitchenHost, name));
    const till = await open(tillHost, 'till');
    const pages = [till, ...kitchens];
    const links = pages.flatMap((one) => pages.filter((other) => other !== one).map((other) => [one, other] as const));
    const areLinked = async () => (await Promise.all(links.map(([one, other]) => isLinked(one, other)))).every(Boolean);
    if (!(await eventually(areLinked))) throw new Error('The pages are not linked to each other.');
    for (const page of pages) await page.write(WRITE_INTERVAL_MS);
    return { stage, tillHost, kitchenHost, till, kitchens, progress: new Progress(pages) };
  } catch (error) {
    await stage.close();
    throw error;
  }
}

/** @throws Error where a page goes on having more connections open than it needs */
export async function expectSettled(scene: RepairsScene): Promise<void> {
  for (const page of pagesOf(scene)) {
    const hasWhatItNeeds = async () => (await page.countConnections()).open <= NEEDED;
    if (await eventually(hasWhatItNeeds, PATIENCE_MS)) continue;
    const { open } = await page.countConnections();
    throw new Error(`${page.name} has ${open} connections open and needs ${NEEDED}.`);
  }
}
