import type { PrinterType, PrintMessage, PrintStatus } from '@innmesh/protocol';
import type { AppOptions } from '../shared/connection.ts';
import { DeviceApp } from '../shared/device-app.ts';
import { type PrinterOutput, type Printout, type PrintResult, screenOutput } from './printer-output.ts';
import { type PrinterLanguage, receiptBytes } from './receipt-bytes.ts';
import { layoutReceipt, layoutText, type PaperLine } from './receipt-layout.ts';

export interface PrinterWebAppOptions extends AppOptions {
  /** Default: `esc-pos`. */
  language?: PrinterLanguage;
  /** Characters on a line: 42 or 48 on 80 mm paper, 32 on 58 mm. Default: 42. */
  columns?: number;
  /** Where the bytes go. Default: the screen, which shows `jobs`. */
  output?: PrinterOutput;
}

/** A job as this printer knows it. */
export interface PrinterJob {
  readonly jobId: string;
  /** `claimed` until its result is known. */
  readonly status: PrintStatus;
  /** Why it failed, is unconfirmed or was cancelled. */
  readonly reason?: string;
  /** What is on the paper; empty for bytes that came ready for the printer. */
  readonly lines: PaperLine[];
  /** For the printer, all copies together. */
  readonly bytes: Uint8Array;
  /** ISO 8601. */
  readonly receivedAt: string;
  /** The name of the device that sent it. */
  readonly sender: string;
}

type WireJob = PrintMessage['printJob'];

/** A job that this printer cannot print. */
class UnprintableError extends Error {}

/** So many results are remembered, in case a job comes again. */
const REMEMBERED_JOBS = 1000;

/**
 * The device beside a printer: claims jobs, prints them one after the other and reports to the sender `claimed`, then
 * `printed`, `failed` or `unconfirmed`. A job that comes again prints nothing and gets the first one's result.
 */
export class PrinterWebApp extends DeviceApp {
  readonly printerType: PrinterType;
  readonly language: PrinterLanguage;
  readonly columns: number;
  readonly #output: PrinterOutput;
  readonly #jobs = new Map<string, PrinterJob>();
  readonly #senders = new Map<string, Set<string>>();
  readonly #queue: string[] = [];
  #printing = false;

  constructor(
    tenantId: string,
    name: string,
    printerType: PrinterType = 'receipt',
    options: PrinterWebAppOptions = {},
  ) {
    super(tenantId, { type: 'printer', name, capabilities: ['printing', printerType] }, options);
    this.printerType = printerType;
    this.language = options.language ?? 'esc-pos';
    this.columns = options.columns ?? 42;
    this.#output = options.output ?? screenOutput;
    this.connection.on('print', ({ printJob }, from) => this.#heard(printJob, from));
  }

  /** Every job since the start, the latest first. */
  get jobs(): readonly PrinterJob[] {
    return [...this.#jobs.values()].reverse();
  }

  #heard(job: WireJob, from: string): void {
    if (job.status === 'queued') this.#take(job, from);
    if (job.status === 'cancelled') this.#callBack(job.jobId);
  }

  #take(job: WireJob, from: string): void {
    const senders = this.#senders.get(job.jobId) ?? new Set();
    this.#senders.set(job.jobId, senders.add(from));
    const known = this.#jobs.get(job.jobId);
    if (known) this.#report(known, from);
    else this.#claim(job, from);
  }

  #claim(job: WireJob, from: string): void {
    const sender = this.peer(from)?.deviceInfo.name ?? 'Unknown device';
    const claimed = { jobId: job.jobId, status: 'claimed', receivedAt: this.nowIso(), sender } as const;
    try {
      this.#become({ ...claimed, ...this.#prepare(job) });
      this.#queue.push(job.jobId);
      // Not at once: a job that was called back before it arrived comes with its cancellation right behind it.
      this.clock.setTimer(() => void this.#printNext(), 0);
    } catch (error) {
      if (!(error instanceof UnprintableError)) throw error;
      this.#become({ ...claimed, status: 'failed', reason: error.message, lines: [], bytes: new Uint8Array() });
    }
    this.#forgetOldest();
  }

  #prepare(job: WireJob): Pick<PrinterJob, 'lines' | 'bytes'> {
    if (job.printerType !== this.printerType) {
      throw new UnprintableError(
        `This is a ${this.printerType} printer; the job asks for a ${job.printerType} printer.`,
      );
    }
    const { lines, bytes } = this.#render(job.content);
    return { lines, bytes: repeat(bytes, job.copies ?? 1) };
  }

  #render(content: WireJob['content']): Pick<PrinterJob, 'lines' | 'bytes'> {
    if (!content) throw new UnprintableError('The job has no content.');
    if (content.kind === 'bytes') {
      if (content.language === this.language) return { lines: [], bytes: content.bytes };
      throw new UnprintableError(`This printer understands ${this.language}; the job is in ${content.language}.`);
    }
    const lines =
      content.kind === 'receipt'
        ? layoutReceipt(content.receipt, this.columns)
        : layoutText(content.text, this.columns);
    return { lines, bytes: receiptBytes(lines, this) };
  }

  async #printNext(): Promise<void> {
    if (this.#printing) return;
    const job = this.#jobs.get(this.#queue.shift() ?? '');
    if (!job) return;
    this.#printing = true;
    const result = await this.#print(job);
    this.#printing = false;
    this.#become({ ...job, ...result });
    void this.#printNext();
  }

  async #print({ jobId, bytes, lines }: Printout): Promise<PrintResult> {
    try {
      return await this.#output.print({ jobId, bytes, lines });
    } catch (error) {
      return { status: 'unconfirmed', reason: (error as Error).message };
    }
  }

  /** The sender has given up on it: what has not begun does not begin; else the word that stands is said again. */
  #callBack(jobId: string): void {
    const job = this.#jobs.get(jobId);
    const position = this.#queue.indexOf(jobId);
    if (job && position >= 0) {
      this.#queue.splice(position, 1);
      this.#become({ ...job, status: 'cancelled', reason: 'The sender called it back.' });
    } else if (job) {
      this.#reportToAll(job);
    }
  }

  #become(job: PrinterJob): void {
    this.#jobs.set(job.jobId, job);
    this.#reportToAll(job);
    this.changed();
  }

  #reportToAll(job: PrinterJob): void {
    for (const sender of this.#senders.get(job.jobId) ?? []) this.#report(job, sender);
  }

  #report({ jobId, status, reason }: PrinterJob, to: string): void {
    const printJob = { jobId, status, printerType: this.printerType, ...(reason && { reason }) };
    this.connection.send({ type: 'print', printJob }, to);
  }

  #forgetOldest(): void {
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size <= REMEMBERED_JOBS || !oldest) return;
    this.#jobs.delete(oldest);
    this.#senders.delete(oldest);
  }
}

function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let copy = 0; copy < times; copy++) all.set(bytes, copy * bytes.length);
  return all;
}
