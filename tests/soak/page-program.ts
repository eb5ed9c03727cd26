import type { Line } from './ledger.ts';
import { SoakDevice, type SoakSettings } from './soak-device.ts';

/** A device in a page. Its ledger is with the server that the page is from. */
export function createDevice(settings: SoakSettings): SoakDevice {
  return new SoakDevice(settings, (line) => record(settings.name, line));
}

/** Waits for the answer, so that a handler does not return before the line is out of this browser's reach. */
function record(name: string, line: Line): void {
  const request = new XMLHttpRequest();
  request.open('POST', `/ledgers/${name}`, false);
  request.send(JSON.stringify(line));
}
