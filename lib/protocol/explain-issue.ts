import type * as v from 'valibot';

/** What is wrong with a message, for people. */
export interface Explanation {
  /** The wrong field, from the message's root: `order.items[0].quantity`. */
  path: string;
  /** Goes on from the path: `must be at least 1, not 0`. */
  problem: string;
}

type Issue = v.BaseIssue<unknown>;
type PathItem = v.IssuePathItem;

/** A schema's own messages begin with `must`; the words for valibot's stand here. */
export function explainIssue(issue: Issue): Explanation {
  const { path, wrong } = deepest(issue, []);
  return { path: formatPath(path), problem: problemOf(wrong) };
}

/** Where one alternative of a union got further than the others, its complaint is the one that helps. */
function deepest(issue: Issue, before: PathItem[]): { path: PathItem[]; wrong: Issue } {
  const path = [...before, ...(issue.path ?? [])];
  const further = issue.issues?.find((alternative) => alternative.path);
  return further ? deepest(further, path) : { path, wrong: issue };
}

function formatPath(path: PathItem[]): string {
  return path
    .map(({ key }) => (/^\d+$/.test(String(key)) ? `[${key}]` : `.${key}`))
    .join('')
    .replace(/^\./, '');
}

function problemOf(issue: Issue): string {
  if (issue.expected === 'never') return 'is no field of this message';
  if (issue.input === undefined) return 'is missing';
  if (!issue.message.startsWith('Invalid ')) return issue.message;
  return `must ${requirementOf(issue)}, not ${lengths.has(issue.type) ? issue.received : describe(issue.input)}`;
}

/** What these find wrong is a count. */
const lengths = new Set(['non_empty', 'min_length', 'max_length']);

function requirementOf({ type, expected, requirement, input }: Issue): string {
  switch (type) {
    case 'integer':
    case 'safe_integer':
      return 'be a whole number';
    case 'finite':
      return 'be a finite number';
    case 'min_value':
      return `be at least ${requirement}`;
    case 'max_value':
      return `be at most ${requirement}`;
    case 'non_empty':
    case 'min_length':
      return `have at least ${count(requirement ?? 1, input)}`;
    case 'max_length':
      return `have at most ${count(requirement, input)}`;
    default:
      return `be ${nounOf(expected ?? 'something else')}`;
  }
}

const nouns: Record<string, string> = {
  string: 'text',
  number: 'a number',
  boolean: 'true or false',
  Array: 'a list',
  Object: 'an object',
};

/** `("a" | "b")` is how valibot writes alternatives. */
function nounOf(expected: string): string {
  if (!expected.includes(' | ')) return nouns[expected] ?? expected;
  return `one of ${expected.replace(/^\((.*)\)$/, '$1').replaceAll(' | ', ', ')}`;
}

function count(amount: unknown, counted: unknown): string {
  const [one, many] = typeof counted === 'string' ? ['character', 'characters'] : ['entry', 'entries'];
  return `${amount} ${amount === 1 ? one : many}`;
}

/** Whatever a stranger sent, in a few printable characters. */
export function describe(value: unknown): string {
  if (typeof value === 'string') {
    return value.length > 40
      ? `${JSON.stringify(value.slice(0, 40))}… (${value.length} characters)`
      : JSON.stringify(value);
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return describeObject(value);
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

function describeObject(value: object): string {
  const name: unknown = Object.getPrototypeOf(value)?.constructor?.name;
  return typeof name === 'string' && name !== '' && name !== 'Object' ? `a ${name}` : 'an object';
}
