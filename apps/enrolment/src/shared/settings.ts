import { type Role, roles } from '@innmesh/protocol';

/** What a page's address says, in its query or, for what no server is to see, behind `#`. */
export interface Settings {
  /** The property; `''` where a person has to say. */
  tenant: string;
  /** The device's name for people. */
  name: string;
  type: Role;
  capabilities: string[];
  /** The page's own origin, whatever its address says: a link must not send a device elsewhere to be let in. */
  issuer: string;
  /** The code of a device, out of its QR code. */
  code: string;
  /** A table's key, out of its QR code. */
  key: string;
  /** Where to go once the device is let in: a whole address, of this origin only. */
  next: string | null;
}

export function readSettings({ search, hash, origin, href }: Location = location): Settings {
  const query = new URLSearchParams(search);
  const fragment = new URLSearchParams(hash.slice(1));
  const value = (name: string) => fragment.get(name) ?? query.get(name) ?? '';
  const type = value('type') as Role;
  return {
    tenant: value('tenant'),
    name: value('name'),
    type: roles.includes(type) ? type : 'staff',
    capabilities: value('capabilities').split(',').filter(Boolean),
    issuer: origin,
    code: value('code'),
    key: value('key'),
    next: sameOrigin(value('next'), href, origin),
  };
}

function sameOrigin(next: string, href: string, origin: string): string | null {
  const url = next && URL.canParse(next, href) ? new URL(next, href) : null;
  return url?.origin === origin ? url.href : null;
}
