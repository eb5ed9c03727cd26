import type { Contestant, Env } from '../contestants/link.ts';
import { createAnswering } from './answering.ts';
import { createAsking, type StreamOptions, type TransferOptions } from './asking.ts';
import { warmUpWebRtc } from './warm-up.ts';

/** What the harness calls from Node. */
export type PageBench = ReturnType<typeof createPageBench>;

declare global {
  interface Window {
    bench?: PageBench;
  }
}

export function expose(contestant: Contestant): void {
  window.bench = createPageBench(contestant);
}

function createPageBench(contestant: Contestant) {
  const answering = createAnswering();
  let asking: ReturnType<typeof createAsking> | undefined;
  const connected = () => {
    if (!asking) throw new Error('not connected');
    return asking;
  };

  return {
    warmUp: warmUpWebRtc,
    wait: (env: Env) => contestant.wait(env, answering.answer),
    expectStream: answering.expectStream,
    tally: answering.tally,

    async firstEcho(env: Env, sizeBytes: number): Promise<number> {
      const startedAtMs = performance.now();
      asking = createAsking(await contestant.join(env));
      await asking.echo(sizeBytes);
      return performance.now() - startedAtMs;
    },
    pingPong: (sizeBytes: number, count: number) => connected().pingPong(sizeBytes, count),
    stream: (options: StreamOptions) => connected().stream(options),
    pingDuringTransfer: (options: TransferOptions) => connected().pingDuringTransfer(options),
  };
}
