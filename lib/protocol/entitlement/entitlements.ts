import type { ReceivedMessage } from '../messages/application/index.ts';
import { type Role, roles } from '../trust/roles.ts';
import { defaultRules, type EntitlementRule, type EntitlementRules } from './rules.ts';

/** A device as far as its rights go. */
export interface Party {
  readonly peerId: string;
  readonly role: Role;
  /** A guest's table; `*` for any. */
  readonly table?: string | undefined;
}

/** Where every linked device may write, and what therefore is no reason for a link. */
const keepalive = new Set(['ping', 'pong']);

/** Message type × writer's role × reader's role, as one table. The same one has to be used on all of a property's devices. */
export class Entitlements {
  readonly #rules: EntitlementRules;
  /** `writer reader` of each pair of roles that have something to say to each other. */
  readonly #linked: ReadonlySet<string>;

  /** `rules` replace the default ones of the types that they name. */
  constructor(rules: EntitlementRules = {}) {
    this.#rules = { ...defaultRules, ...rules };
    const telling = Object.entries(this.#rules).flatMap(([type, each]) => (keepalive.has(type) ? [] : each));
    this.#linked = new Set(telling.flatMap(pairsOf));
  }

  /** Whether two devices link, and see each other in the roster. Guests never do, whatever the rules say. */
  mayLink(one: Role, other: Role): boolean {
    if (one === 'guest' && other === 'guest') return false;
    return this.#linked.has(`${one} ${other}`) || this.#linked.has(`${other} ${one}`);
  }

  /** Whether a device of this role may write this type of message to anybody at all. */
  mayWrite(type: string, writer: Role): boolean {
    return this.#rulesFor(type).some(({ writers }) => writers.includes(writer));
  }

  /** Whether `writer` may write this very message and `reader` may read it. */
  allows(message: ReceivedMessage, writer: Party, reader: Party): boolean {
    return this.#rulesFor(message.type).some(
      ({ writers, readers, only }) =>
        writers.includes(writer.role) && readers.includes(reader.role) && applies(only, message, writer, reader),
    );
  }

  /** Whether the table says anything of the type; one that it does not know may be newer than this release. */
  knows(type: string): boolean {
    return this.#rulesFor(type).length > 0;
  }

  /** Whether every one of these roles may read what such a writer writes. */
  isForAll(type: string, writer: Role, readers: readonly Role[]): boolean {
    const rules = this.#rulesFor(type).filter(
      ({ writers, only }) => writers.includes(writer) && only !== 'reader-order',
    );
    return readers.every((reader) => rules.some((rule) => rule.readers.includes(reader)));
  }

  /** A type without a rule may be written by nobody. */
  #rulesFor(type: string): readonly EntitlementRule[] {
    if (Object.hasOwn(this.#rules, type)) return this.#rules[type] ?? [];
    return type.startsWith('x-') ? (this.#rules['x-*'] ?? []) : [];
  }
}

function pairsOf({ writers, readers }: EntitlementRule): string[] {
  return writers.flatMap((writer) => readers.map((reader) => `${writer} ${reader}`));
}

function applies(only: EntitlementRule['only'], message: ReceivedMessage, writer: Party, reader: Party): boolean {
  if (!only) return true;
  if (message.type !== 'order') return false;
  const { tableId, placedBy } = message.order;
  if (only === 'reader-order') return placedBy === reader.peerId;
  const isOwn = placedBy === undefined || placedBy === writer.peerId;
  return isOwn && (writer.table === '*' || writer.table === String(tableId));
}

/** For an application's own rules, before they are used. */
export const isRole = (role: string): role is Role => (roles as readonly string[]).includes(role);
