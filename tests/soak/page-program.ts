import type { Line } from './ledger.ts';
import { SoakDevice, type SoakSettings } from './soak-device.ts';

/** A device in a page. Its ledger is with the server that the page is from. */
export function createDevice(settings: SoakSettings): SoakDevice {
  return new SoakDevice(settings, (line) => record(settings.name, line));
}

/** Resolves when the line is out of this browser's reach. */
async function record(name: string, line: Line): Promise<void> {
  await fetch(`/ledgers/${name}`, { method: 'POST', body: JSON.stringify(line) });
}
