import { type Entitlements, type Role, roles } from '@innmesh/protocol';

/** Which roles each role sees in the roster and may signal to: those that it may link to. */
export type Visibility = ReadonlyMap<Role, ReadonlySet<Role>>;

/** Worked out once, as each join asks it of everyone in the room. */
export function visibilityOf(entitlements: Entitlements): Visibility {
  const seenBy = (one: Role) => new Set(roles.filter((other) => entitlements.mayLink(one, other)));
  return new Map(roles.map((role) => [role, seenBy(role)]));
}
