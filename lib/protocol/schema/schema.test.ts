import { describe, expect, expectTypeOf, it } from 'vitest';
import * as s from './index.ts';

/** What reading says is wrong: `path | problem`. */
function complaint(schema: s.AnySchema, value: unknown): string {
  try {
    s.read(schema, value, (path, problem) => new SyntaxError(`${path} | ${problem}`));
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
  throw new Error('The value was taken.');
}

const read = <Output>(schema: s.Schema<Output, unknown>, value: unknown) =>
  s.read(schema, value, () => new Error('refused'));

describe('values of a kind', () => {
  it.each<[string, s.AnySchema, unknown[]]>([
    ['text', s.text(), ['', 'a', '🍽️']],
    ['text within bounds', s.text({ min: 1, max: 2 }), ['a', 'ab']],
    ['text of a pattern', s.textLike(/^a/, 'must begin with a'), ['a', 'ab']],
    ['number', s.number(), [0, -0, 1.5, -1e300]],
    ['number within bounds', s.number({ min: 0, max: 1 }), [0, 0.5, 1]],
    ['whole number', s.wholeNumber(), [0, -1, Number.MAX_SAFE_INTEGER]],
    ['boolean', s.boolean(), [true, false]],
    ['picklist', s.picklist(['a', 'b']), ['a', 'b']],
    ['literal', s.literal('a'), ['a']],
    ['bytes', s.bytes(), [Uint8Array.of(1), new Uint8Array()]],
    ['anything', s.anything, [null, undefined, 1, {}]],
  ])('are taken as they are: %s', (_, schema, values) => {
    for (const value of values) expect(read(schema, value)).toBe(value);
  });

  it.each<[s.AnySchema, unknown, string]>([
    [s.text(), 5, 'must be text, not 5'],
    [s.text(), null, 'must be text, not null'],
    [s.text(), undefined, 'is missing'],
    [s.text({ min: 1 }), '', 'must have at least 1 character, not 0'],
    [s.text({ min: 2 }), 'a', 'must have at least 2 characters, not 1'],
    [s.text({ max: 2 }), 'abc', 'must have at most 2 characters, not 3'],
    [s.textLike(/^a/, 'must begin with a'), 'b', 'must begin with a'],
    [s.textLike(/^a/, 'must begin with a', { max: 1 }), 'ab', 'must have at most 1 character, not 2'],
    [s.number(), '1', 'must be a number, not "1"'],
    [s.number(), Number.NaN, 'must be a number, not NaN'],
    [s.number(), Number.POSITIVE_INFINITY, 'must be a finite number, not Infinity'],
    [s.number({ min: 1 }), 0.5, 'must be at least 1, not 0.5'],
    [s.number({ max: 1 }), 1.5, 'must be at most 1, not 1.5'],
    [s.wholeNumber(), 1.5, 'must be a whole number, not 1.5'],
    [s.wholeNumber(), 2 ** 53, 'must be a whole number, not 9007199254740992'],
    [s.boolean(), 'yes', 'must be true or false, not "yes"'],
    [s.picklist(['a', 'b']), 'c', 'must be one of "a", "b", not "c"'],
    [s.picklist(['a', 'b']), ['a'], 'must be one of "a", "b", not a list of 1'],
    [s.literal('a'), 'b', 'must be "a", not "b"'],
    [s.bytes(), [1], 'must be a Uint8Array, not a list of 1'],
    [s.list(s.text(), { min: 1 }), [], 'must have at least 1 entry, not 0'],
    [s.list(s.text(), { max: 1 }), ['a', 'b'], 'must have at most 1 entry, not 2'],
    [s.list(s.text()), { length: 1 }, 'must be a list, not an object'],
    [s.object({}), 'a', 'must be an object, not "a"'],
    [s.object({}), null, 'must be an object, not null'],
  ])('%#: others are refused in words: %s %s', (schema, value, problem) => {
    expect(complaint(schema, value)).toBe(` | ${problem}`);
  });
});

describe('the path to what is wrong', () => {
  const order = s.object({ order: s.object({ items: s.list(s.object({ quantity: s.number() })) }) });

  it('is written as a program would write it', () => {
    const items = [{ quantity: 1 }, { quantity: 'two' }];
    expect(complaint(order, { order: { items } })).toBe('order.items[1].quantity | must be a number, not "two"');
    expect(complaint(order, { order: { items: [undefined] } })).toBe('order.items[0] | is missing');
  });

  it('leads into the holes of a list', () => {
    const items = new Array(2).fill({ quantity: 1 });
    delete items[0];
    expect(complaint(order, { order: { items } })).toBe('order.items[0] | is missing');
  });

  it('leads to the part that a rule is about, each time anew', () => {
    const schema = s.list(s.check(s.object({ from: s.number() }), ({ from }) => from > 0, 'must be later', ['from']));
    const values = [{ from: 1 }, { from: 0 }];
    expect(complaint(schema, values)).toBe('[1].from | must be later');
    expect(complaint(schema, values)).toBe('[1].from | must be later');
  });

  it('is that of the first wrong field, in the order in which the schema has them', () => {
    const schema = s.strictObject({ a: s.number(), b: s.number() });
    expect(complaint(schema, { c: 1, b: '', a: '' })).toBe('a | must be a number, not ""');
    expect(complaint(schema, { c: 1, b: 1, a: 1 })).toBe('c | is no field here');
  });
});

describe('an object', () => {
  const fields = { a: s.number() };

  it('leaves other fields behind, refuses them, or reads them by a schema of their own', () => {
    const value = { a: 1, b: 'x' };
    expect(read(s.object(fields), value)).toEqual({ a: 1 });
    expect(complaint(s.strictObject(fields), value)).toBe('b | is no field here');
    expect(read(s.object(fields, s.text()), value)).toEqual(value);
    expect(complaint(s.object(fields, s.number()), value)).toBe('b | must be a number, not "x"');
  });

  it('is a new one, so that a later change of the one given does not reach it', () => {
    const value = { a: 1 };
    expect(read(s.object(fields, s.anything), value)).not.toBe(value);
  });

  it('carries no field that could change the prototype of another', () => {
    const value = JSON.parse('{"a":1,"__proto__":{"b":2},"constructor":3,"prototype":4}');
    const taken = read(s.object(fields, s.anything), value);
    expect(Reflect.ownKeys(taken as object)).toEqual(['a']);
    expect(Object.getPrototypeOf(taken)).toBe(Object.prototype);
    expect(complaint(s.strictObject(fields), value)).toBe('__proto__ | is no field here');
  });

  it('has an optional field only where it is there or has something to stand for it', () => {
    const schema = s.object({ a: s.optional(s.number()), b: s.optional(s.number(), 2) });
    expect(Object.keys(read(schema, {}))).toEqual(['b']);
    expect(read(schema, { a: undefined, b: undefined })).toStrictEqual({ b: 2 });
    expect(read(schema, { a: 1, b: 1 })).toEqual({ a: 1, b: 1 });
    expect(complaint(schema, { a: null })).toBe('a | must be a number, not null');
  });

  it('has types to match: of what it takes and of what it makes', () => {
    const schema = s.object({
      a: s.text(),
      b: s.optional(s.number()),
      c: s.optional(s.picklist(['x', 'y']), 'x'),
      d: s.transform(s.text(), Number),
    });
    expectTypeOf<s.InferInput<typeof schema>>().toEqualTypeOf<{ a: string; b?: number; c?: 'x' | 'y'; d: string }>();
    expectTypeOf<s.InferOutput<typeof schema>>().toEqualTypeOf<{ a: string; b?: number; c: 'x' | 'y'; d: number }>();
  });
});

describe('one of several', () => {
  it('is, by kind, the one that is meant, and its complaint is the one that counts', () => {
    const schema = s.union([s.wholeNumber(), s.list(s.text())], 'must be a number or some words');
    expect(read(schema, 1)).toBe(1);
    expect(read(schema, ['a'])).toEqual(['a']);
    expect(complaint(schema, 1.5)).toBe(' | must be a whole number, not 1.5');
    expect(complaint(schema, ['a', 1])).toBe('[1] | must be text, not 1');
    expect(complaint(schema, 'a')).toBe(' | must be a number or some words');
    expect(complaint(schema, undefined)).toBe(' | is missing');
  });

  it('is chosen by a field where they are all objects', () => {
    const schema = s.variant('kind', {
      a: s.strictObject({ kind: s.literal('a'), text: s.text() }),
      b: s.strictObject({ kind: s.literal('b'), size: s.number() }),
    });
    expect(read(schema, { kind: 'b', size: 1 })).toEqual({ kind: 'b', size: 1 });
    expect(complaint(schema, { kind: 'a', size: 1 })).toBe('text | is missing');
    expect(complaint(schema, { kind: 'c' })).toBe('kind | must be one of "a", "b", not "c"');
    expect(complaint(schema, { kind: 'toString' })).toBe('kind | must be one of "a", "b", not "toString"');
    expect(complaint(schema, {})).toBe('kind | is missing');
    expect(complaint(schema, 'a')).toBe(' | must be an object, not "a"');
  });
});

describe('a transformation', () => {
  it('is given the normal form, and what it finds wrong has its place in the whole', () => {
    const half = s.transform(s.wholeNumber(), (value) => {
      if (value % 2 === 1) throw new s.Misfit(value, 'must be even', ['last digit']);
      return value / 2;
    });
    expect(read(s.list(half), [2, 4])).toEqual([1, 2]);
    expect(complaint(s.list(half), [2, 3])).toBe('[1].last digit | must be even');
  });

  it('lets errors of its own through as they are', () => {
    const broken = s.transform(s.text(), () => {
      throw new RangeError('broken');
    });
    expect(() => complaint(s.list(broken), ['a'])).toThrow(new RangeError('broken'));
  });
});

describe('a value that a stranger sent is described', () => {
  it.each<[unknown, string]>([
    ['a"b\n', '"a\\"b\\n"'],
    ['x'.repeat(41), `"${'x'.repeat(40)}"… (41 characters)`],
    [[1, 2], 'a list of 2'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [new Date(0), 'a Date'],
    [() => {}, 'a function'],
    [Symbol('s'), 'a symbol'],
    [1n, '1'],
    [undefined, 'undefined'],
  ])('%#: %s', (value, words) => expect(s.describeValue(value)).toBe(words));
});
