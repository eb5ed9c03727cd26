import type { Party } from '../entitlement/entitlements.ts';
import type { Role } from '../trust/roles.ts';
import { list, struct, text, varint } from '../wire/layout.ts';

/** For whom of those that are entitled to it an entry is. */
export type Audience =
  | { to: 'all' }
  /** By id. */
  | { to: 'devices'; names: string[] }
  | { to: 'role'; names: string[] }
  | { to: 'capability'; names: string[] }
  /** One device of these roles, whichever its writer meets first. */
  | { to: 'first'; names: string[] };

const kinds = ['all', 'devices', 'role', 'capability', 'first'] as const;

/** As it lies on the wire. */
export const audienceLayout = struct({
  kind: varint({ max: kinds.length - 1 }),
  names: list(text(), { max: 1_000 }),
});

export function packAudience(audience: Audience): { kind: number; names: string[] } {
  return { kind: kinds.indexOf(audience.to), names: audience.to === 'all' ? [] : audience.names };
}

export function unpackAudience({ kind, names }: { kind: number; names: string[] }): Audience {
  return { to: kinds[kind] ?? 'all', names } as Audience;
}

/** A device as far as an audience asks for it. */
export interface Reader extends Party {
  readonly capabilities: readonly string[];
}

/** Of `first`, only the roles: which one it is, the writer decides. */
export function isAmong(reader: Reader, audience: Audience): boolean {
  switch (audience.to) {
    case 'all':
      return true;
    case 'devices':
      return audience.names.includes(reader.peerId);
    case 'role':
    case 'first':
      return audience.names.includes(reader.role satisfies Role);
    case 'capability':
      return audience.names.some((name) => reader.capabilities.includes(name));
  }
}
