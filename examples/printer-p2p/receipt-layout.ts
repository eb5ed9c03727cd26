import { type Money, minorDigits, type Receipt } from '@innmesh/protocol';

/** One line of paper, at most as many characters long as the paper is wide. */
export interface PaperLine {
  text: string;
  bold?: boolean;
  /** Twice as high; the width stays. */
  tall?: boolean;
}

/** A receipt in lines of `columns` characters: the printer's bytes and the drawing on a screen are made of the same. */
export function layoutReceipt(receipt: Receipt, columns: number): PaperLine[] {
  const rule = { text: '-'.repeat(columns) };
  return [
    ...layoutHeader(receipt.header ?? [], columns),
    rule,
    ...receipt.items.flatMap((item) => layoutItem(item, columns)),
    rule,
    { text: spread('TOTAL', `${receipt.total.currency} ${amount(receipt.total)}`, columns), bold: true, tall: true },
    rule,
    ...layoutDetails(receipt, columns),
    { text: '' },
    { text: centre('Thank you for your stay', columns) },
  ];
}

export function layoutText(text: string, columns: number): PaperLine[] {
  return text.split(/\r?\n/).flatMap((line) => wrap(line, columns).map((part) => ({ text: part })));
}

function layoutHeader([house = 'RECEIPT', ...rest]: string[], columns: number): PaperLine[] {
  return [
    ...wrap(house, columns).map((text) => ({ text: centre(text, columns), bold: true, tall: true })),
    ...rest.flatMap((line) => wrap(line, columns)).map((text) => ({ text: centre(text, columns) })),
  ];
}

function layoutItem({ name, price, quantity }: Receipt['items'][number], columns: number): PaperLine[] {
  const sum = amount({ ...price, amountMinor: Math.round(price.amountMinor * quantity) });
  const [first = '', ...more] = wrap(name, columns - sum.length - 2);
  const lines = [spread(first, sum, columns), ...more];
  if (quantity !== 1) lines.push(`  ${quantity} x ${amount(price)}`);
  return lines.map((text) => ({ text }));
}

function layoutDetails({ paymentMethod, guestName, transactionId, paidAt }: Receipt, columns: number): PaperLine[] {
  const details = [
    ['Paid with', paymentMethod],
    ['Guest', guestName],
    ['Receipt', transactionId],
    ['Date', paidAt && wallTime(paidAt)],
  ] as const;
  return details.flatMap(([label, value]) => (value ? layoutDetail(label, value, columns) : []));
}

function layoutDetail(label: string, value: string, columns: number): PaperLine[] {
  if (label.length + value.length + 2 <= columns) return [{ text: spread(label, value, columns) }];
  return [{ text: label }, ...wrap(value, columns - 2).map((text) => ({ text: `  ${text}` }))];
}

/** By the clock at the till: `2026-11-23 13:00`. */
function wallTime(iso: string): string {
  const zone = iso.endsWith('Z') ? ' UTC' : '';
  return iso.slice(0, 16).replace('T', ' ') + zone;
}

/** `150.00`, without the currency's sign, which not every printer has. */
function amount({ amountMinor, currency }: Money): string {
  const digits = minorDigits(currency);
  return (amountMinor / 10 ** digits).toFixed(digits);
}

function spread(left: string, right: string, columns: number): string {
  return left + ' '.repeat(Math.max(1, columns - left.length - right.length)) + right;
}

function centre(text: string, columns: number): string {
  return ' '.repeat(Math.floor((columns - text.length) / 2)) + text;
}

/** Broken between words, and inside one only where it is longer than a line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((word) => chop(word, width))) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line];
}

function chop(word: string, width: number): string[] {
  if (word.length <= width) return [word];
  return [word.slice(0, width), ...chop(word.slice(width), width)];
}
