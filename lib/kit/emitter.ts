type Handlers<Events> = { [K in keyof Events]?: Set<Events[K]> };
// biome-ignore lint/suspicious/noExplicitAny: only `any` lets a map of differently typed handlers be constrained.
type EventMap<Events> = { [K in keyof Events]: (...args: any[]) => void };

/** Typed events. A handler that throws or rejects does not keep the others from being called: its error goes to `onHandlerError`. */
export class Emitter<Events extends EventMap<Events>> {
  readonly #handlers: Handlers<Events> = Object.create(null);
  readonly #onHandlerError: (error: unknown, event: keyof Events) => void;

  constructor(onHandlerError: (error: unknown, event: keyof Events) => void) {
    this.#onHandlerError = onHandlerError;
  }

  on<K extends keyof Events>(event: K, handler: Events[K]): void {
    const handlers = this.#handlers[event] ?? new Set();
    this.#handlers[event] = handlers.add(handler);
  }

  off<K extends keyof Events>(event: K, handler: Events[K]): void {
    this.#handlers[event]?.delete(handler);
  }

  has(event: keyof Events): boolean {
    return (this.#handlers[event]?.size ?? 0) > 0;
  }

  /** Calls the handlers in the order in which they were added; one taken off meanwhile is not called any more. */
  emit<K extends keyof Events>(event: K, ...args: Parameters<Events[K]>): void {
    const handlers = this.#handlers[event];
    for (const handler of [...(handlers ?? [])]) {
      if (!handlers?.has(handler)) continue;
      try {
        const result: unknown = handler(...args);
        if (result instanceof Promise) result.catch((error) => this.#onHandlerError(error, event));
      } catch (error) {
        this.#onHandlerError(error, event);
      }
    }
  }

  /**
   * As `emit`, for what must not be lost on anybody: calls the handlers that are not in `taken`. Throws or rejects with a
   * `NotTakenError` where one of them threw or rejected.
   */
  handOver<K extends keyof Events>(
    event: K,
    taken: ReadonlySet<unknown> | undefined,
    ...args: Parameters<Events[K]>
  ): void | Promise<void> {
    const handlers = [...(this.#handlers[event] ?? [])].filter((handler) => !taken?.has(handler));
    const outcomes = handlers.map((handler) => outcomeOf(() => handler(...args)));
    if (outcomes.some((outcome) => outcome instanceof Promise)) {
      return Promise.all(outcomes).then((settled) => expectNoFailure(handlers, settled, taken));
    }
    expectNoFailure(handlers, outcomes as Outcome[], taken);
  }
}

/** Not every handler has taken an event. */
export class NotTakenError extends Error {
  /** Those that have. */
  readonly taken: ReadonlySet<unknown>;

  constructor(cause: unknown, taken: ReadonlySet<unknown>) {
    super('A handler has not taken an event.', { cause });
    this.taken = taken;
  }
}

type Outcome = { error: unknown } | undefined;

function outcomeOf(call: () => unknown): Outcome | Promise<Outcome> {
  try {
    const result = call();
    return result instanceof Promise
      ? result.then(
          () => undefined,
          (error) => ({ error }),
        )
      : undefined;
  } catch (error) {
    return { error };
  }
}

function expectNoFailure(handlers: unknown[], outcomes: Outcome[], before?: ReadonlySet<unknown>): void {
  const failed = outcomes.find((outcome) => outcome);
  if (!failed) return;
  const taken = handlers.filter((_, index) => !outcomes[index]);
  throw new NotTakenError(failed.error, new Set([...(before ?? []), ...taken]));
}
