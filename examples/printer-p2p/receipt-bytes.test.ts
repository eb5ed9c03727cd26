import type { Receipt } from '@innmesh/protocol';
import { describe, expect, it } from 'vitest';
import { receiptBytes } from './receipt-bytes.ts';
import { layoutReceipt, layoutText } from './receipt-layout.ts';

const usd = (amountMinor: number) => ({ amountMinor, currency: 'USD' });

const receipt: Receipt = {
  transactionId: 'TXN-123',
  header: ['Hotel Café Royal', '1 Harbour Street'],
  items: [
    { name: 'Room 205 (2 nights)', price: usd(15000), quantity: 1 },
    { name: 'Breakfast', price: usd(2500), quantity: 2 },
    { name: 'Late check-out with a view of the harbour and the bridge', price: usd(0), quantity: 1 },
  ],
  total: usd(20000),
  currency: 'USD',
  paymentMethod: 'Visa ****1234',
  guestName: 'John Smith',
  paidAt: '2026-11-23T13:00:00+01:00',
};

const readable = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => {
    if (byte === 0x0a) return '\n';
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `<${byte.toString(16).padStart(2, '0')}>`;
  }).join('');

describe('a receipt', () => {
  it.each([32, 42, 48])('keeps to %i characters a line', (columns) => {
    const lines = layoutReceipt(receipt, columns);
    expect(Math.max(...lines.map(({ text }) => text.length))).toBe(columns);
    expect(lines.map(({ text }) => text).join('\n')).toMatchSnapshot();
  });

  it.each(['esc-pos', 'star-prnt'] as const)('becomes %s bytes with a cut at the end', (language) => {
    const bytes = receiptBytes(layoutReceipt(receipt, 42), { language, columns: 42 });
    expect(readable(bytes)).toMatchSnapshot();
  });

  it('counts currencies without minor units in whole ones', () => {
    const yen = { amountMinor: 1200, currency: 'JPY' };
    const lines = layoutReceipt({ ...receipt, items: [], total: yen, currency: 'JPY' }, 42);
    expect(lines.map(({ text }) => text)).toContain(`TOTAL${' '.repeat(29)}JPY 1200`);
  });
});

it('text is broken between words, and inside one that is too long', () => {
  expect(layoutText('one two three\nabcdefghijkl', 8).map(({ text }) => text)).toEqual([
    'one two',
    'three',
    'abcdefgh',
    'ijkl',
  ]);
});
