import type { Random } from '@innmesh/kit';
import type { Findings } from './findings.ts';

export interface FuzzerDeps {
  random: Random;
  findings: Findings;
}

/** Attacks one part, frame by frame. */
export interface Fuzzer {
  /** One frame. */
  step(): void | Promise<void>;
  /** Between frames, now and then: what has to hold at any time. */
  check(): void;
  /** After the last frame: everything ends, and nothing may be left. */
  finish(): Promise<void>;
  /** What came of it, for the result; a fuzzer that nobody let in has tested nothing. */
  summary(): Record<string, number>;
}
