/** Ascending numbers as text: `3,7-12`. */
export function writeRanges(numbers: Iterable<number>): string {
  const ranges: [first: number, last: number][] = [];
  for (const number of numbers) {
    const range = ranges.at(-1);
    if (range?.[1] === number - 1) range[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** Whether a number lies in a text of ranges. */
export function readRanges(text: string): (number: number) => boolean {
  const ranges = text === '' ? [] : text.split(',').map((range) => range.split('-').map(Number));
  return (number) => ranges.some(([first = 0, last = first]) => first <= number && number <= last);
}
