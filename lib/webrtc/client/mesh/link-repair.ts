import { backoffDelayMs, type CancelTimer, type Clock, type Random } from '@innmesh/kit';
import {
  type Condition,
  durationsMs,
  type RepairAction,
  type RepairEvent,
  type RepairState,
  transitions,
} from './repair.ts';

export interface LinkRepairDeps {
  clock: Clock;
  random: Random;
  condition(): Condition;
  act(action: RepairAction): void;
}

/** After an attempt that failed the next one begins after about 0.3, 0.6, 1.2 … 5 s. */
const BACKOFF = { baseMs: 300, maxMs: 5_000 };

/** Keeps one link that stands on its feet, by the table of `repair.ts`. */
export class LinkRepair {
  readonly #deps: LinkRepairDeps;
  #state: RepairState = 'steady';
  #failures = 0;
  #cancelTimer: CancelTimer = () => {};

  constructor(deps: LinkRepairDeps) {
    this.#deps = deps;
  }

  /** Attempts in a row that came to nothing. */
  get failures(): number {
    return this.#failures;
  }

  get state(): RepairState {
    return this.#state;
  }

  tell(event: RepairEvent): void {
    const before = this.#state;
    const { state, action } = transitions[before][event](this.#deps.condition());
    this.#state = state;
    if (state === 'steady') this.#failures = 0;
    if (state !== before || action) this.#restartTimer();
    if (action) this.#deps.act(action);
  }

  /** The link has ended, or another is in its place. */
  stop(): void {
    this.#state = 'lost';
    this.#cancelTimer();
  }

  #restartTimer(): void {
    this.#cancelTimer();
    const delayMs = this.#durationMs();
    if (delayMs === null) return;
    this.#cancelTimer = this.#deps.clock.setTimer(() => this.tell('time-up'), delayMs);
  }

  #durationMs(): number | null {
    if (this.#state === 'steady' || this.#state === 'lost') return null;
    if (this.#state !== 'waiting') return durationsMs[this.#state];
    this.#failures += 1;
    return backoffDelayMs(this.#failures - 1, BACKOFF, this.#deps.random);
  }
}
