import * as s from '../schema/index.ts';

/** ISO 4217. */
const currencyCodeSchema = s.textLike(/^[A-Z]{3}$/, 'must be an ISO 4217 code such as "EUR"');

/** The normal form of an amount: whole minor units (cents; yen, where there are none) and their currency. */
export const moneySchema = s.object({
  amountMinor: s.wholeNumber(),
  currency: currencyCodeSchema,
});

export type Money = s.InferOutput<typeof moneySchema>;

/** The currency of plain numbers where a message names none. */
export const DEFAULT_CURRENCY = 'USD';

/** `Money`, or a plain number of major units (`15`, `12.5`), which is normalised with the message's `currency`. */
export const priceSchema = s.union([s.number(), moneySchema], 'must be Money or a plain number');
export type Price = s.InferInput<typeof priceSchema>;

/** An optional field beside plain numbers: what they are counted in. */
export const currencySchema = s.optional(currencyCodeSchema, DEFAULT_CURRENCY);

const minorDigitsByCurrency = new Map<string, number>();

/** How many decimal places a currency has (ISO 4217, as the platform's own data has it): EUR 2, JPY 0, KWD 3. */
export function minorDigits(currency: string): number {
  let digits = minorDigitsByCurrency.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    minorDigitsByCurrency.set(currency, digits);
  }
  return digits;
}

/** In minor units: far more than what a long sum of floating-point numbers is off, far less than a digit too many. */
const DUST_MINOR = 0.001;

/**
 * The normal form of a price. Floating-point dust (`0.1 + 0.2`) is rounded away.
 * @throws RangeError for a plain number that is no whole number of minor units (`12.345` euros), or too large for one
 */
export function toMoney(price: Price, currency: string): Money {
  if (typeof price !== 'number') return price;
  const digits = minorDigits(currency);
  const exact = price * 10 ** digits;
  const amountMinor = Math.round(exact);
  if (!Number.isSafeInteger(amountMinor)) throw new RangeError(`must be an amount that counts exactly, not ${price}`);
  if (Math.abs(exact - amountMinor) > DUST_MINOR) {
    throw new RangeError(`must have at most ${digits} decimal places for ${currency}, not ${price}`);
  }
  return { amountMinor: amountMinor + 0, currency };
}

interface Bill {
  currency: string;
  items: readonly { price?: Price | undefined }[];
  total: Price;
}

type Normalised<B> = {
  [Key in keyof B]: Key extends 'price' | 'total'
    ? Exclude<B[Key], number>
    : B[Key] extends readonly (infer Item)[]
      ? Normalised<Item>[]
      : B[Key];
};

/** For a schema's `transform`: the prices of a bill in their normal form; one that has none is a misfit. */
export function normalisePrices<B extends Bill>({ items, total, ...bill }: B): Normalised<B> {
  const money = (price: Price, ...keys: (string | number)[]) => {
    try {
      return toMoney(price, bill.currency);
    } catch (error) {
      throw new s.Misfit(price, (error as RangeError).message, keys);
    }
  };
  return {
    ...bill,
    items: items.map(({ price, ...item }, index) => ({
      ...item,
      ...(price !== undefined && { price: money(price, 'items', index, 'price') }),
    })),
    total: money(total, 'total'),
  } as unknown as Normalised<B>;
}

/** For people: `€12.50`. */
export function formatMoney({ amountMinor, currency }: Money, locale = 'en'): string {
  return new Intl.NumberFormat(locale, { style: 'currency', currency }).format(
    amountMinor / 10 ** minorDigits(currency),
  );
}
