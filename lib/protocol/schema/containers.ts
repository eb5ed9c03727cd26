import { type AnySchema, at, type InferInput, type InferOutput, Misfit, type Schema } from './schema.ts';
import { type Bounds, counted, expectWithin, kind, picklist } from './values.ts';

const entriesOf = counted('entry', 'entries');

export const entriesWithin = (bounds: Bounds, count: number) => expectWithin(bounds, count, 'have', entriesOf);

export function list<Output, Input>(item: Schema<Output, Input>, bounds: Bounds = {}): Schema<Output[], Input[]> {
  return kind('a list', Array.isArray, { item, bounds }, (values: Input[]) => {
    entriesWithin(bounds, values.length);
    // Not `map`, which leaves holes unread.
    return Array.from(values, (value, index) => at(index, () => item.parse(value)));
  });
}

/** A field that may be missing, and what stands for it then. */
export function optional<Output, Input>(field: Schema<Output, Input>): Schema<Output | undefined, Input | undefined>;
export function optional<Output, Input>(
  field: Schema<Output, Input>,
  fallback: Input,
): Schema<Output, Input | undefined>;
export function optional<Output, Input>(field: Schema<Output, Input>, fallback?: Input): AnySchema {
  return {
    ...field,
    parts: { field, fallback },
    parse(value) {
      const present = value === undefined ? fallback : value;
      return present === undefined ? undefined : field.parse(present);
    },
  } as AnySchema;
}

export type Fields = Readonly<Record<string, AnySchema>>;
type FieldsThatMayBeMissing<Values> = { [K in keyof Values]: undefined extends Values[K] ? K : never }[keyof Values];
type WithOptional<Values, Keys extends keyof Values = FieldsThatMayBeMissing<Values>> = {
  [K in keyof Omit<Values, Keys>]: Values[K];
} & { [K in Keys]?: Values[K] } extends infer Both
  ? { [K in keyof Both]: Both[K] }
  : never;
type ObjectOutput<F extends Fields> = WithOptional<{ [K in keyof F]: InferOutput<F[K]> }>;
type ObjectInput<F extends Fields> = WithOptional<{ [K in keyof F]: InferInput<F[K]> }>;

/** An object with these fields. Each other one is as `others` says; without it, other fields are left behind. */
export function object<F extends Fields>(fields: F): Schema<ObjectOutput<F>, ObjectInput<F>>;
export function object<F extends Fields, Output, Input>(
  fields: F,
  others: Schema<Output, Input>,
): Schema<ObjectOutput<F> & { [key: string]: Output }, ObjectInput<F> & { [key: string]: Input }>;
export function object(fields: Fields, others?: AnySchema): AnySchema {
  const entries = Object.entries(fields);
  return kind('an object', isObject, { fields, others }, (value: Values) => readFields(value, entries, fields, others));
}

/** An object with these fields and no other. */
export function strictObject<F extends Fields>(fields: F): Schema<ObjectOutput<F>, ObjectInput<F>> {
  return object(fields, nothing);
}

/** What must not be there. */
export const nothing: Schema<never> = {
  expected: 'nothing',
  fits: () => false,
  parse(): never {
    throw new Misfit(null, 'is no field here');
  },
};

/** As it is. */
export const anything: Schema<unknown> = kind('anything', () => true);

/** One of several objects; which one, the field `key` says. */
export function variant<Options extends Fields>(
  key: string,
  options: Options,
): Schema<InferOutput<Options[keyof Options]>, InferInput<Options[keyof Options]>> {
  const names = picklist(Object.keys(options));
  return kind(
    'an object',
    isObject,
    { key, options },
    (value: Values) => options[at(key, () => names.parse(value[key]))]?.parse(value) as never,
  ) as AnySchema;
}

/** The first alternative that the value is of the kind of; `problem` says what it must be where there is none. */
export function union<Alternatives extends readonly AnySchema[]>(
  alternatives: Alternatives,
  problem: string,
): Schema<InferOutput<Alternatives[number]>, InferInput<Alternatives[number]>> {
  return {
    expected: 'one of these',
    parts: alternatives,
    fits: (value) => alternatives.some((alternative) => alternative.fits(value)),
    parse(value) {
      const meant = alternatives.find((alternative) => alternative.fits(value));
      if (!meant) throw new Misfit(value, problem);
      return meant.parse(value);
    },
  } as AnySchema;
}

type Values = Record<string, unknown>;

const isObject = (value: unknown) => typeof value === 'object' && value !== null;

/** Left behind: an application that copies fields onto an object of its own could be made to change its prototype. */
const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

function readFields(value: Values, entries: [string, AnySchema][], fields: Fields, others?: AnySchema): Values {
  const output: Values = {};
  for (const [key, field] of entries) {
    const read = at(key, () => field.parse(value[key]));
    if (read !== undefined) output[key] = read;
  }
  if (!others) return output;
  for (const key of Object.keys(value)) {
    if (Object.hasOwn(fields, key) || (unsafeKeys.has(key) && others !== nothing)) continue;
    output[key] = at(key, () => others.parse(value[key]));
  }
  return output;
}
