import type { IotCommandMessage, NotificationMessage, P2PMessage, ReceivedMessage } from '@innmesh/protocol';
import type { PeerInfo } from '@innmesh/webrtc';
import type { AppOptions } from '../shared/connection.ts';
import { DeviceApp, isHouse } from '../shared/device-app.ts';
import {
  type Assignment,
  type AssignmentStatus,
  readAssignment,
  readAssignments,
  toAssignmentMessage,
} from './assignment.ts';

/** A message that came or went. */
export interface LogEntry {
  key: string;
  /** ISO 8601. */
  at: string;
  message: ReceivedMessage | P2PMessage;
  /** The sender's name; absent for what this device sent. */
  from?: string;
  /** For what this device sent: to how many devices, and how many of them have it. */
  sentTo?: number;
  receivedBy?: number;
}

type Draft<T> = Omit<T, 'status' | 'updatedAt' | 'assignmentId' | 'notificationId' | 'commandId' | 'sentAt'>;
export type NotificationDraft = Draft<Pick<NotificationMessage['notification'], 'title' | 'body' | 'priority'>>;
export type AssignmentDraft = Draft<Assignment>;
export type CommandDraft = Pick<IotCommandMessage['command'], 'deviceId' | 'action' | 'parameters' | 'roomNumber'>;

const shownTypes = ['notification', 'room-assignment', 'iot-command', 'order'];
const scope = 'room-assignments';
const LOG_LENGTH = 200;

/**
 * A staff member's device: notifications, room assignments and commands to the things in a room, to and from the rest
 * of the house. Guests' devices get none of it.
 */
export class StaffApp extends DeviceApp {
  readonly #log: LogEntry[] = [];
  readonly #assignments = new Map<string, Assignment>();

  constructor(tenantId: string, name: string, options: AppOptions = {}) {
    super(tenantId, { type: 'staff', name, capabilities: ['notifications', 'rooms', 'orders'] }, options);
    this.connection.on('message', (message, from) => this.#heard(message, from));
    this.connection.on('connected', (peer) => this.#askForAssignments(peer));
    this.onEachPeer(() => this.changed());
    for (const event of ['disconnected', 'peer-left'] as const) this.connection.on(event, () => this.changed());
  }

  /** What came and went, the latest first. */
  get log(): readonly LogEntry[] {
    return this.#log;
  }

  /** The latest first. */
  get assignments(): readonly Assignment[] {
    return [...this.#assignments.values()].reverse();
  }

  /** The house's other devices. */
  get devices(): readonly PeerInfo[] {
    return this.house();
  }

  notify(notification: NotificationDraft): void {
    const id = { notificationId: this.newId(), sentAt: this.nowIso() };
    this.#send({ type: 'notification', notification: { ...id, ...notification } });
  }

  /** Sends a command to the thing in the room; it is done when the thing's own word comes back. */
  command(command: CommandDraft): void {
    this.#send({ type: 'iot-command', command: { commandId: this.newId(), ...command } });
  }

  /** Gives somebody a task. */
  assign(draft: AssignmentDraft): Assignment {
    return this.#assigned({ ...draft, assignmentId: this.newId(), status: 'assigned', updatedAt: this.nowIso() });
  }

  /** Takes a task on: `accepted`, or reports it: `done`. */
  setAssignmentStatus(assignmentId: string, status: AssignmentStatus): void {
    const known = this.#assignments.get(assignmentId);
    if (!known) return;
    const atMs = Math.max(this.clock.nowMs(), Date.parse(known.updatedAt) + 1);
    this.#assigned({ ...known, status, updatedAt: new Date(atMs).toISOString() });
  }

  #assigned(assignment: Assignment): Assignment {
    const message = toAssignmentMessage(assignment);
    this.#assignments.set(assignment.assignmentId, assignment);
    this.#send(message);
    return assignment;
  }

  #send(message: P2PMessage): void {
    const deliveries = this.sendToHouse(message);
    const entry: LogEntry = { key: this.newId(), at: this.nowIso(), message, sentTo: deliveries.length, receivedBy: 0 };
    this.#add(entry);
    for (const { delivered } of deliveries) {
      const received = () => this.#countReceipt(entry.key);
      // One that never arrives stays missing in the count.
      delivered.then(received, () => {});
    }
  }

  #countReceipt(key: string): void {
    const index = this.#log.findIndex((entry) => entry.key === key);
    const entry = this.#log[index];
    if (entry) this.#log[index] = { ...entry, receivedBy: (entry.receivedBy ?? 0) + 1 };
    this.changed();
  }

  #heard(message: ReceivedMessage, from: string): void {
    const sender = this.peer(from);
    if (sender && !isHouse(sender) && message.type !== 'order') return;
    if (message.type === 'room-assignment') this.#merge([readAssignment(message.assignment, this.nowIso())]);
    if (message.type === 'sync-request' && message.scope === scope) this.#answer(message.requestId, from);
    if (message.type === 'sync-response' && message.scope === scope) {
      this.#merge(readAssignments(message.items, this.nowIso()));
    }
    if (!shownTypes.includes(message.type)) return;
    this.#add({ key: this.newId(), at: this.nowIso(), message, from: sender?.deviceInfo.name ?? 'Unknown device' });
  }

  #merge(words: Assignment[]): void {
    for (const word of words) {
      const known = this.#assignments.get(word.assignmentId);
      if (!known || Date.parse(word.updatedAt) > Date.parse(known.updatedAt)) {
        this.#assignments.set(word.assignmentId, word);
      }
    }
    this.changed();
  }

  #askForAssignments({ peerId, deviceInfo }: PeerInfo): void {
    if (deviceInfo.type !== 'staff') return;
    this.connection.send({ type: 'sync-request', requestId: this.newId(), scope }, peerId);
  }

  #answer(requestId: string, to: string): void {
    const items = [...this.#assignments.values()].map((assignment) => toAssignmentMessage(assignment).assignment);
    this.connection.send({ type: 'sync-response', requestId, scope, items }, to);
  }

  #add(entry: LogEntry): void {
    this.#log.unshift(entry);
    this.#log.length = Math.min(this.#log.length, LOG_LENGTH);
    this.changed();
  }
}
