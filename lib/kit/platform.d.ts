/** The few globals that every browser and Node share; kit and protocol compile against these alone. */
declare const crypto: { getRandomValues<T extends Uint8Array>(array: T): T };
declare function setTimeout(callback: () => void, delayMs: number): unknown;
declare function clearTimeout(handle: unknown): void;
declare function queueMicrotask(callback: () => void): void;
declare const performance: { now(): number };
