import type { CancelTimer, Clock } from '@innmesh/kit';
import type { P2PMessage, PrintMessage, Receipt } from '@innmesh/protocol';
import type { PeerInfo } from '@innmesh/webrtc';
import type { Connection } from '../shared/connection.ts';

/** What became of a print job, for the person at the till. */
export interface PrintOutcome {
  jobId: string;
  /** `unconfirmed`: it may be on paper, so nothing prints it again by itself. */
  status: 'printed' | 'failed' | 'unconfirmed' | 'cancelled';
  /** In words; absent when it is printed. */
  reason?: string;
  /** The printer that got the job; absent when none did. */
  printerPeerId?: string;
}

export interface PrintTimes {
  /** How long a printer is waited for, in milliseconds. Default: 5000. */
  printerWithinMs: number;
  /** How long a printer may take to claim the job, in milliseconds. Default: 5000. */
  claimWithinMs: number;
  /** How long a job that was called back waits for the printer's word, in milliseconds. Default: 2000. */
  callBackWithinMs: number;
  /** How long a claimed job may take, in milliseconds. Default: 60000. */
  resultWithinMs: number;
  /** How long a lost printer may stay away before its job is `unconfirmed`, in milliseconds. Default: 5000. */
  returnWithinMs: number;
}

export interface PrintRunDeps {
  connection: Connection;
  clock: Clock;
  times: PrintTimes;
  changed: () => void;
}

interface Printer {
  peerId: string;
  name: string;
}

type State =
  | { step: 'seeking' }
  | { step: 'sent' | 'calling-back' | 'claimed' | 'away'; printer: Printer }
  | { step: 'done'; printer: Printer | null; outcome: PrintOutcome };

type WireJob = Extract<P2PMessage, { type: 'print' }>['printJob'];

const lookFirst = 'Look at the printer before printing again.';

/** One job from the till's side: finds one printer, hands the job to it alone and waits for its word. */
export class PrintRun {
  readonly jobId: string;
  readonly receipt: Receipt;
  readonly outcome: Promise<PrintOutcome>;
  readonly #deps: PrintRunDeps;
  readonly #settle: (outcome: PrintOutcome) => void;
  #state: State = { step: 'seeking' };
  #cancelTimer: CancelTimer = () => {};

  constructor(jobId: string, receipt: Receipt, deps: PrintRunDeps) {
    this.jobId = jobId;
    this.receipt = receipt;
    this.#deps = deps;
    let settle: (outcome: PrintOutcome) => void = () => {};
    this.outcome = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
  }

  get state(): State {
    return this.#state;
  }

  start(): void {
    this.#wait(this.#deps.times.printerWithinMs, () => this.#finish('failed', this.#whyNoPrinter()));
    this.peersChanged();
  }

  /** To be called whenever somebody came, went, or was linked. */
  peersChanged(): void {
    const state = this.#state;
    if (state.step === 'seeking') this.#seek();
    if (state.step === 'claimed' && !this.#isLinked(state.printer)) this.#lost(state.printer);
    if (state.step === 'away' && this.#isLinked(state.printer)) this.#claimed(state.printer);
  }

  /** The printer's word. A late one on a job that was given up still corrects what is shown. */
  heard({ status, reason = '' }: PrintMessage['printJob'], from: string): void {
    const state = this.#state;
    if (state.step === 'seeking' || state.printer?.peerId !== from) return;
    if (status === 'claimed' && state.step === 'sent') this.#claimed(state.printer);
    if (status === 'printed') this.#finish('printed');
    if (status === 'failed') this.#finish('failed', reason || 'The printer does not say why.');
    if (status === 'unconfirmed') this.#finish('unconfirmed', `${reason} ${lookFirst}`.trimStart());
    if (status === 'cancelled') this.#finish('failed', 'The printer got the job too late. Nothing is printed.');
  }

  /** The till goes away: what is not known by now is not known. */
  abandon(): void {
    if (this.#state.step === 'seeking') this.#finish('cancelled', 'The till was disconnected. Nothing is printed.');
    else if (this.#state.step !== 'done') this.#finish('unconfirmed', `The till was disconnected. ${lookFirst}`);
  }

  /** Hands the job over to a printer that is linked; one that is only announced could get it late. */
  #seek(): void {
    const found = this.#printers().find(({ status }) => status === 'connected');
    if (!found) return;
    const printer = { peerId: found.peerId, name: found.deviceInfo.name };
    this.#become({ step: 'sent', printer });
    this.#wait(this.#deps.times.claimWithinMs, () => this.#callBack(printer));
    const content = { kind: 'receipt' as const, receipt: this.receipt };
    this.#send(printer, { jobId: this.jobId, status: 'queued', printerType: 'receipt', content });
  }

  #claimed(printer: Printer): void {
    this.#become({ step: 'claimed', printer });
    const reason = `“${printer.name}” took the job and does not say how it went. ${lookFirst}`;
    this.#wait(this.#deps.times.resultWithinMs, () => this.#finish('unconfirmed', reason));
  }

  #lost(printer: Printer): void {
    this.#become({ step: 'away', printer });
    const reason = `“${printer.name}” took the job and was lost before it said how it went. ${lookFirst}`;
    this.#wait(this.#deps.times.returnWithinMs, () => this.#finish('unconfirmed', reason));
  }

  #callBack(printer: Printer): void {
    this.#become({ step: 'calling-back', printer });
    const reason = `“${printer.name}” does not answer. ${lookFirst}`;
    this.#wait(this.#deps.times.callBackWithinMs, () => this.#finish('unconfirmed', reason));
    this.#send(printer, { jobId: this.jobId, status: 'cancelled', printerType: 'receipt' });
  }

  #send({ peerId }: Printer, printJob: WireJob): void {
    this.#deps.connection.send({ type: 'print', printJob }, peerId);
  }

  #finish(status: PrintOutcome['status'], reason?: string): void {
    this.#cancelTimer();
    const printer = this.#state.step === 'seeking' ? null : this.#state.printer;
    const { jobId } = this;
    const outcome = { jobId, status, ...(reason && { reason }), ...(printer && { printerPeerId: printer.peerId }) };
    this.#settle(outcome);
    this.#become({ step: 'done', printer, outcome });
  }

  #isLinked({ peerId }: Printer): boolean {
    const peer = this.#deps.connection.getPeers().find((candidate) => candidate.peerId === peerId);
    return peer?.status === 'connected';
  }

  #printers(): PeerInfo[] {
    const printers = this.#deps.connection.getPeers().filter(printsReceipts);
    return printers.sort((a, b) => (a.deviceInfo.name < b.deviceInfo.name ? -1 : 1));
  }

  #whyNoPrinter(): string {
    const [printer] = this.#printers();
    if (!printer) return 'No receipt printer is online. Nothing is printed.';
    return `“${printer.deviceInfo.name}” is online, but this till has no link to it. Nothing is printed.`;
  }

  #wait(ms: number, then: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#deps.clock.setTimer(then, ms);
  }

  #become(state: State): void {
    this.#state = state;
    this.#deps.changed();
  }
}

const otherKinds = ['kitchen', 'label', 'document'];

/** Says that it prints receipts, or does not say what it prints. */
function printsReceipts({ deviceInfo: { type, capabilities } }: PeerInfo): boolean {
  const isOther = capabilities.some((capability) => otherKinds.includes(capability));
  return type === 'printer' && (capabilities.includes('receipt') || !isOther);
}
