import { describeValue } from './describe-value.ts';
import { Misfit, type Schema } from './schema.ts';

/** Both ends count in: of numbers themselves, of texts the characters (UTF-16 code units), of lists the entries. */
export interface Bounds {
  min?: number;
  max?: number;
}

/** Values that `fits` knows at sight; `normalise` takes the closer look. */
export function kind<Value, Output = Value>(
  expected: string,
  fits: (value: unknown) => boolean,
  parts?: unknown,
  normalise: (value: Value) => Output = (value) => value as unknown as Output,
): Schema<Output, Value> {
  return {
    expected,
    fits,
    parts,
    parse(value) {
      if (!fits(value)) throw new Misfit(value, `must be ${expected}, not ${describeValue(value)}`);
      return normalise(value as Value);
    },
  };
}

export function text(bounds: Bounds = {}): Schema<string> {
  const isText = (value: unknown) => typeof value === 'string';
  return kind('text', isText, bounds, (value: string) => {
    expectWithin(bounds, value.length, 'have', characters);
    return value;
  });
}

/** Text that the pattern matches; `problem` says what it must be. */
export function textLike(pattern: RegExp, problem: string, bounds?: Bounds): Schema<string> {
  return { ...check(text(bounds), (value) => pattern.test(value), problem), parts: { pattern, bounds } };
}

export function number(bounds: Bounds = {}): Schema<number> {
  return numberThat(Number.isFinite, 'a finite number', bounds);
}

/** As far as numbers count exactly: to ±(2⁵³ − 1). */
export function wholeNumber(bounds: Bounds = {}): Schema<number> {
  return numberThat(Number.isSafeInteger, 'a whole number', bounds);
}

function numberThat(isSuch: (value: number) => boolean, such: string, bounds: Bounds): Schema<number> {
  const isNumber = (value: unknown) => typeof value === 'number' && !Number.isNaN(value);
  return kind('a number', isNumber, { such, bounds }, (value: number) => {
    if (!isSuch(value)) throw new Misfit(value, `must be ${such}, not ${value}`);
    expectWithin(bounds, value, 'be', String);
    return value;
  });
}

export function boolean(): Schema<boolean> {
  return kind('true or false', (value) => typeof value === 'boolean');
}

/** One of these words. */
export function picklist<const Option extends string>(options: readonly Option[]): Schema<Option> {
  const words = options.map((option) => JSON.stringify(option));
  const expected = words.length === 1 ? String(words) : `one of ${words.join(', ')}`;
  return kind(expected, (value) => options.includes(value as Option));
}

export function literal<const Word extends string>(word: Word): Schema<Word> {
  return picklist([word]);
}

export function bytes(): Schema<Uint8Array<ArrayBuffer>, Uint8Array> {
  return kind('a Uint8Array', (value) => value instanceof Uint8Array);
}

/** Only what also `passes`; where the rule is about a part, `keys` lead to it. */
export function check<Output, Input>(
  schema: Schema<Output, Input>,
  passes: (value: Output) => boolean,
  problem: string,
  keys?: readonly (string | number)[],
): Schema<Output, Input> {
  return transform(schema, (value) => {
    if (!passes(value)) throw new Misfit(value, problem, keys);
    return value;
  });
}

/** The same values, in another normal form. */
export function transform<Middle, Input, Output>(
  schema: Schema<Middle, Input>,
  normalise: (value: Middle) => Output,
): Schema<Output, Input> {
  return { ...schema, parse: (value) => normalise(schema.parse(value)) };
}

type Phrase = (amount: number) => string;

export const counted =
  (one: string, many: string): Phrase =>
  (amount) =>
    `${amount} ${amount === 1 ? one : many}`;

const characters = counted('character', 'characters');

/** `must have at least 1 character, not 0` */
export function expectWithin({ min, max }: Bounds, amount: number, verb: 'be' | 'have', phrase: Phrase): void {
  if (min !== undefined && amount < min)
    throw new Misfit(amount, `must ${verb} at least ${phrase(min)}, not ${amount}`);
  if (max !== undefined && amount > max) throw new Misfit(amount, `must ${verb} at most ${phrase(max)}, not ${amount}`);
}
