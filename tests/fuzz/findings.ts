import type { Frame } from './mutations.ts';

const SHOWN_BYTES = 400;

/** What should not have happened. The first is enough: what comes after it may come of it. */
export class Findings {
  first: string | null = null;

  note(finding: string): void {
    this.first ??= finding;
  }

  expect(holds: boolean, finding: () => string): void {
    if (!holds) this.note(finding());
  }

  /** Runs what must not throw, whatever the frame is. */
  guard(where: string, frame: Frame | null, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.note(`${where} threw for ${show(frame)}\n${error instanceof Error ? error.stack : error}`);
    }
  }
}

export function show(frame: Frame | null): string {
  if (!frame) return 'a text frame';
  const hex = Buffer.from(frame.subarray(0, SHOWN_BYTES)).toString('hex');
  return `${frame.length} bytes ${hex}${frame.length > SHOWN_BYTES ? '…' : ''}`;
}
