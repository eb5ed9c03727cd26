/** Calls with 1, 2, 3 … at each interval. */
export class Writing {
  readonly #send: (number: number) => void;
  #number = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(send: (number: number) => void) {
    this.#send = send;
  }

  start(everyMs: number): void {
    this.stop();
    this.#timer = setInterval(() => {
      this.#number += 1;
      this.#send(this.#number);
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
