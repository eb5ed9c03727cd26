import { describe, expect, it } from 'vitest';
import { formatNumber, formatRatio, formatTable } from './table.ts';

describe('formatTable', () => {
  it('aligns names to the left and figures to the right', () => {
    const table = formatTable([
      ['', 'ms'],
      ['bare', '25'],
      ['trystero', '178'],
    ]);
    expect(table.split('\n')).toEqual(['           ms', '--------  ---', 'bare       25', 'trystero  178']);
  });
});

describe('formatNumber', () => {
  it('keeps three digits of small numbers and separates thousands of large ones', () => {
    expect([0.2634, 1.9, 38.04, 3692, 21_300.4].map(formatNumber)).toEqual(['0.263', '1.9', '38', '3,692', '21,300']);
  });

  it('shows a dash where there is no figure', () => {
    expect([undefined, Number.NaN].map(formatNumber)).toEqual(['–', '–']);
  });
});

describe('formatRatio', () => {
  it('divides by the reference, if there are both', () => {
    expect(formatRatio(30, 20)).toBe('1.50×');
    expect(formatRatio(undefined, 20)).toBe('–');
    expect(formatRatio(30, undefined)).toBe('–');
  });
});
