import { decodeLinkMessage, RecordAssembler } from '@innmesh/protocol';
import { type Findings, show } from './findings.ts';
import type { Frame } from './mutations.ts';

type Listener = ((event: { data: unknown }) => void) | null;

/** One end of a channel, with the fuzzer at the other. */
export class FuzzedChannel {
  readyState: RTCDataChannelState = 'connecting';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  isBroken = false;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;
  readonly #findings: Findings;
  readonly #assembler = new RecordAssembler(1_000_000);
  #listener: Listener = null;
  /** Whom a browser may still hand an event that was on its way. */
  #lateListener: Listener = null;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  set onmessage(listener: Listener) {
    this.#listener = listener;
    this.#lateListener ??= listener;
  }

  get onmessage(): Listener {
    return this.#listener;
  }

  /** What the link itself says has to be well-formed, and comes only while the channel is open. */
  send(frame: Frame): void {
    if (this.isBroken) throw new Error('it is closed');
    this.#findings.expect(this.readyState === 'open', () => `A link sent while "${this.readyState}": ${show(frame)}`);
    this.#findings.guard('What a link itself has sent', frame, () => {
      for (const record of this.#assembler.receive(frame.slice())) decodeLinkMessage(record);
    });
  }

  hear(phase: string, frame: Frame): void {
    this.#findings.guard(`A link, ${phase},`, frame, () => {
      this.#lateListener?.({ data: frame.slice().buffer });
    });
  }

  hearText(text: string): void {
    this.#findings.guard(`A link, told "${text}",`, null, () => this.#lateListener?.({ data: text }));
  }
}
