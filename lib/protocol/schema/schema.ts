/** The form of a value. `parse` takes what has it, in its normal form, and says what is wrong with the rest. */
export interface Schema<Output, Input = Output> {
  /** What fits, in words that go on from `must be`: `text`, `one of "a", "b"`. */
  readonly expected: string;
  /** Whether the value is of the right kind, so that of several alternatives this one is meant. */
  fits(value: unknown): boolean;
  /** Throws `Misfit`. */
  parse(value: unknown): Output;
  /** Bounds, fields and whatever else it was made of, for the version guard to hash. */
  readonly parts?: unknown;
  /** For the compiler only: what `parse` takes. */
  readonly '~input'?: Input;
}

// biome-ignore lint/suspicious/noExplicitAny: stands for every schema; `unknown` as an output would not.
export type AnySchema = Schema<any, any>;
export type InferOutput<S extends AnySchema> = S extends Schema<infer Output, unknown> ? Output : never;
export type InferInput<S extends AnySchema> = S extends Schema<unknown, infer Input> ? Input : never;

/** What is wrong with a value. Never leaves `read`, so it is no error and costs no stack trace. */
export class Misfit {
  /** Goes on from the path: `must be at least 1, not 0`. */
  readonly problem: string;
  /** From the value that was read down to the wrong part. */
  readonly keys: (string | number)[];

  /** Of an `undefined` value the problem is always that it is missing. */
  constructor(value: unknown, problem: string, keys: readonly (string | number)[] = []) {
    this.problem = value === undefined ? 'is missing' : problem;
    this.keys = [...keys];
  }

  /** `order.items[0].quantity`; empty for the value as a whole. */
  get path(): string {
    const steps = this.keys.map((key) => (/^\d+$/.test(String(key)) ? `[${key}]` : `.${key}`));
    return steps.join('').replace(/^\./, '');
  }
}

/** Does a part of the work: what is wrong there is wrong under this key. */
export function at<T>(key: string | number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Misfit) error.keys.unshift(key);
    throw error;
  }
}

/** The value in its normal form. Throws what `refuse` makes of the first wrong field: `must be text, not 5`. */
export function read<Output>(
  schema: Schema<Output, unknown>,
  value: unknown,
  refuse: (path: string, problem: string) => Error,
): Output {
  return refusing(() => schema.parse(value), refuse);
}

/** Does the work; throws what `refuse` makes of a value that did not fit. */
export function refusing<T>(work: () => T, refuse: (path: string, problem: string) => Error): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Misfit ? refuse(error.path, error.problem) : error;
  }
}
