import ReceiptPrinterEncoder from '@point-of-sale/receipt-printer-encoder';
import type { PaperLine } from './receipt-layout.ts';

/** What a receipt printer understands: Epson's and most others' `esc-pos`, or Star's `star-prnt`. */
export type PrinterLanguage = 'esc-pos' | 'star-prnt';

export interface ReceiptBytesOptions {
  language: PrinterLanguage;
  /** Characters on a line: 42 or 48 on 80 mm paper, 32 on 58 mm. */
  columns: number;
}

/** The printer's commands for `lines`, with a cut at the end. */
export function receiptBytes(lines: PaperLine[], { language, columns }: ReceiptBytesOptions): Uint8Array {
  const encoder = new ReceiptPrinterEncoder({ language, columns, newline: '\n', feedBeforeCut: 4 });
  encoder.initialize().codepage('auto');
  for (const { text, bold = false, tall = false } of lines) {
    encoder
      .bold(bold)
      .height(tall ? 2 : 1)
      .line(text);
  }
  return encoder.bold(false).height(1).cut('partial').encode();
}
