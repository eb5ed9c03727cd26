import { type Price, type PrintMessage, parseMessage, type Receipt } from '@innmesh/protocol';
import type { AppOptions } from '../shared/connection.ts';
import { DeviceApp } from '../shared/device-app.ts';
import { type PrintOutcome, PrintRun, type PrintTimes } from './print-run.ts';

export type { PrintOutcome } from './print-run.ts';

export interface POSAppOptions extends AppOptions, Partial<PrintTimes> {
  /** What plain prices are counted in, ISO 4217, where a transaction names nothing. Default: `USD`. */
  currency?: string;
  /** The lines above each receipt: house, address, tax number. Default: none. */
  header?: string[];
}

export interface Transaction {
  transactionId: string;
  /** `price` is for one. */
  items: { name: string; price: Price; quantity: number }[];
  total: Price;
  /** ISO 4217. Default: the till's. */
  currency?: string;
  paymentMethod?: string;
  guestName?: string;
}

/** A receipt on its way, as the till shows it. */
export interface TillJob {
  jobId: string;
  receipt: Receipt;
  /** Without an outcome yet: looking for a printer, handed over, or taken by it. */
  status: 'seeking' | 'sent' | 'claimed' | PrintOutcome['status'];
  reason?: string;
}

const defaultTimes: PrintTimes = {
  printerWithinMs: 5000,
  claimWithinMs: 5000,
  callBackWithinMs: 2000,
  resultWithinMs: 60_000,
  returnWithinMs: 5000,
};

/** A till: each transaction's receipt goes to exactly one printer, and the till learns what became of it. */
export class POSApp extends DeviceApp {
  readonly currency: string;
  readonly #header: string[] | undefined;
  readonly #times: PrintTimes;
  readonly #runs = new Map<string, PrintRun>();

  constructor(tenantId: string, name: string, options: POSAppOptions = {}) {
    super(tenantId, { type: 'pos', name, capabilities: ['printing'] }, options);
    this.currency = options.currency ?? 'USD';
    this.#header = options.header;
    const times = Object.entries(defaultTimes).map(([key, ms]) => [key, options[key as keyof PrintTimes] ?? ms]);
    this.#times = Object.fromEntries(times);
    this.onEachPeer(() => this.#eachRun((run) => run.peersChanged()));
    for (const event of ['disconnected', 'peer-left'] as const) {
      this.connection.on(event, () => this.#eachRun((run) => run.peersChanged()));
    }
    this.connection.on('print', ({ printJob }, from) => this.#runs.get(printJob.jobId)?.heard(printJob, from));
  }

  /** Every receipt since the start, the latest first. */
  get jobs(): readonly TillJob[] {
    return [...this.#runs.values()].reverse().map(describe);
  }

  /**
   * Prints the receipt on one printer. Resolves with what became of it, always within the times of the options; never
   * prints after that by itself. Called again with the same transaction it prints again.
   * @throws InvalidMessageError with the path of the wrong field
   */
  async processTransaction(transaction: Transaction): Promise<PrintOutcome> {
    const receipt = this.#receipt(transaction);
    const { connection, clock } = this;
    const deps = { connection, clock, times: this.#times, changed: () => this.changed() };
    const run = new PrintRun(this.newId(), receipt, deps);
    this.#runs.set(run.jobId, run);
    run.start();
    this.changed();
    return run.outcome;
  }

  override disconnect(): void {
    this.#eachRun((run) => run.abandon());
    super.disconnect();
  }

  #receipt(transaction: Transaction): Receipt {
    const header = this.#header && { header: this.#header };
    const receipt = { currency: this.currency, paidAt: localIso(this.clock.nowMs()), ...header, ...transaction };
    const content = { kind: 'receipt', receipt: JSON.parse(JSON.stringify(receipt)) };
    const { printJob } = parseMessage({ type: 'print', printJob: { jobId: 'new', content } }) as PrintMessage;
    return (printJob.content as { receipt: Receipt }).receipt;
  }

  #eachRun(call: (run: PrintRun) => void): void {
    for (const run of this.#runs.values()) call(run);
  }
}

/** With this place's own offset from UTC, so that the receipt shows the time on the wall. */
function localIso(ms: number): string {
  const offsetMinutes = -new Date(ms).getTimezoneOffset();
  const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, 19);
  const digits = (value: number) => `${Math.floor(value)}`.padStart(2, '0');
  const distance = Math.abs(offsetMinutes);
  return `${local}${offsetMinutes < 0 ? '-' : '+'}${digits(distance / 60)}:${digits(distance % 60)}`;
}

const shownAs = {
  seeking: 'seeking',
  sent: 'sent',
  'calling-back': 'sent',
  claimed: 'claimed',
  away: 'claimed',
} as const;

function describe({ jobId, receipt, state }: PrintRun): TillJob {
  if (state.step === 'done') {
    const { status, reason } = state.outcome;
    return { jobId, receipt, status, ...(reason && { reason }) };
  }
  return { jobId, receipt, status: shownAs[state.step] };
}
