import { defaultSignalingServers } from '../default-signaling.ts';

/** What a page's address says: `?tenant=demo-hotel&table=5&name=Anna&signaling=ws://…`. */
export interface PageSettings {
  /** Default: `demo-hotel`. */
  tenant: string;
  /** Default: `5`. */
  table: string;
  /** Of the device, for the others. */
  name: string | undefined;
  /** Default: the page's own origin. */
  signalingServers: string[];
  parameters: URLSearchParams;
}

export function pageSettings(): PageSettings {
  const parameters = new URLSearchParams(location.search);
  const signaling = parameters.get('signaling');
  return {
    tenant: parameters.get('tenant') || 'demo-hotel',
    table: parameters.get('table') || '5',
    name: parameters.get('name') || undefined,
    signalingServers: signaling ? [signaling] : defaultSignalingServers(),
    parameters,
  };
}

/** For people: `demo-hotel` is `Demo Hotel`. */
export function houseName(tenant: string): string {
  const words = tenant.split(/[-_\s]+/).filter(Boolean);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
