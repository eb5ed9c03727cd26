import { signal } from '@preact/signals';
import type { PrinterOutput, PrintResult } from '../printer-output.ts';

/** The printer on the page, with a paper sensor to play with. */
export class ScreenPrinter implements PrinterOutput {
  readonly paperOut = signal(false);

  async print(): Promise<PrintResult> {
    if (this.paperOut.value) return { status: 'failed', reason: 'The paper is out.' };
    return { status: 'printed' };
  }
}
