import {
  type Approval,
  type CredentialRequest,
  type EnrolledDeviceView,
  type PendingDevice,
  PropertyDevices,
  type TableCode,
  type TableView,
} from '@innmesh/webrtc/enrolment';
import { signal } from '@preact/signals';
import { wordsOf } from '../shared/words.ts';

export interface PropertyOptions {
  issuer: string;
  request: CredentialRequest;
  credential(): Promise<string>;
  /** Staff who are no managers see tables alone. */
  isManager: boolean;
}

const LOOK_AGAIN_MS = 4_000;

/** A property's devices and tables as this page shows them, kept up to date. */
export class Property {
  readonly pending = signal<PendingDevice[]>([]);
  readonly devices = signal<EnrolledDeviceView[]>([]);
  readonly tables = signal<TableView[]>([]);
  /** The device whose code was typed or scanned. */
  readonly found = signal<{ device: PendingDevice; userCode: string } | null>(null);
  /** The table whose QR code is shown. */
  readonly shown = signal<(TableCode & { tableId: string }) | null>(null);
  readonly problem = signal<string | null>(null);
  /** What was just done, for people and screen readers. */
  readonly done = signal<string | null>(null);
  readonly isManager: boolean;
  readonly #devices: PropertyDevices;

  constructor({ isManager, ...options }: PropertyOptions) {
    this.isManager = isManager;
    this.#devices = new PropertyDevices(options);
  }

  /** Until the function that it returns is called. */
  watch(): () => void {
    const look = () => {
      if (!document.hidden) this.#refresh().catch((error) => this.#fail(error));
    };
    look();
    const timer = setInterval(look, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }

  find = (userCode: string) =>
    this.#act(async () => {
      this.found.value = { device: await this.#devices.find(userCode), userCode };
    });

  approve = (approval: Approval) =>
    this.#act(async () => {
      await this.#devices.approve(approval);
      this.found.value = null;
    }, `${approval.name} is let in.`);

  turnDown = ({ peerId, asked }: PendingDevice) =>
    this.#act(async () => {
      await this.#devices.turnDown(peerId);
      if (this.found.value?.device.peerId === peerId) this.found.value = null;
    }, `${asked.name} was turned down.`);

  revoke = ({ peerId, name }: EnrolledDeviceView) =>
    this.#act(() => this.#devices.revoke(peerId), `${name} is not let in any more.`);

  openTable = (tableId: string) => this.#act(() => this.#devices.openTable(tableId), `Table ${tableId} is open.`);

  closeTable = (tableId: string) => this.#act(() => this.#devices.closeTable(tableId), `Table ${tableId} is closed.`);

  showTable = (tableId: string) =>
    this.#act(async () => {
      this.shown.value = { ...(await this.#devices.tableCode(tableId)), tableId };
    });

  renewTable = (tableId: string) =>
    this.#act(async () => {
      this.shown.value = { ...(await this.#devices.renewTableCode(tableId)), tableId };
    }, `Table ${tableId} has a new code. Print it: the old one leads nowhere now.`);

  async #act(work: () => Promise<unknown>, done: string | null = null): Promise<boolean> {
    this.problem.value = null;
    this.done.value = null;
    try {
      await work();
      this.done.value = done;
      await this.#refresh();
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  async #refresh(): Promise<void> {
    const [tables, pending, devices] = await Promise.all([
      this.#devices.tables(),
      this.isManager ? this.#devices.pending() : [],
      this.isManager ? this.#devices.devices() : [],
    ]);
    this.tables.value = tables;
    this.pending.value = pending;
    this.devices.value = devices;
  }

  #fail(error: unknown): void {
    this.problem.value = wordsOf(error);
  }
}
