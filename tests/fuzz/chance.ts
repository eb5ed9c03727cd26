import type { Random } from '@innmesh/kit';

/** A whole number in 0 … `bound` − 1. */
export const below = (random: Random, bound: number): number => Math.floor(random.unit() * bound);

/** True this often: 0 never, 1 always. */
export const happens = (random: Random, probability: number): boolean => random.unit() < probability;

export function pick<T>(random: Random, choices: readonly T[]): T {
  return choices[below(random, choices.length)] as T;
}

/** One of weight 4 is drawn twice as often as one of weight 2. */
export function pickWeighted<T>(random: Random, choices: readonly (readonly [weight: number, choice: T])[]): T {
  const total = choices.reduce((sum, [weight]) => sum + weight, 0);
  let left = below(random, total);
  for (const [weight, choice] of choices) {
    if (left < weight) return choice;
    left -= weight;
  }
  throw new RangeError('There is nothing to choose from.');
}
