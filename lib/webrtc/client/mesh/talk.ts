/** After this time what was said counts half. */
const HALF_LIFE_MS = 10 * 60_000;

/** How much has been said lately: each message counts one, less and less as time goes on. */
export class Talk {
  #amount = 0;
  #countedAtMs = 0;

  count(nowMs: number): void {
    this.#amount = this.amountAt(nowMs) + 1;
    this.#countedAtMs = nowMs;
  }

  amountAt(nowMs: number): number {
    return this.#amount * 2 ** ((this.#countedAtMs - nowMs) / HALF_LIFE_MS);
  }
}
