import type { PaperLine } from './receipt-layout.ts';

/** What became of the paper. */
export type PrintResult =
  /** The printer itself says so. */
  | { status: 'printed' }
  /** Nothing is on paper. */
  | { status: 'failed'; reason: string }
  /** It may be on paper. */
  | { status: 'unconfirmed'; reason: string };

/** What is to come out: bytes for a printer, and the same as lines for a screen, where it is text. */
export interface Printout {
  jobId: string;
  bytes: Uint8Array;
  lines: PaperLine[];
}

/** Where a printer's bytes go: a socket, a USB port, a drawing on a page. */
export interface PrinterOutput {
  print(printout: Printout): Promise<PrintResult>;
}

/** Paper on a screen: printed as soon as it is drawn. */
export const screenOutput: PrinterOutput = {
  print: async () => ({ status: 'printed' }),
};
