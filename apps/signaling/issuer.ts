import { createIssuer, type Issuer } from '@innmesh/webrtc/issuer-server';
import type { AuthOptions } from '@innmesh/webrtc/signaling-server';
import { lanAddresses } from './addresses.ts';

export interface MountedIssuer {
  issuer: Issuer;
  /** While no property is set up: for the operator's eyes. */
  setupCode: string | null;
  /** Where devices and managers reach the pages: ends with `/`. */
  pagesUrl: string;
  /** What the signaling server checks devices by. */
  auth: AuthOptions;
}

/** The issuer of the devices that this machine serves, over its data directory; `null` where there is none. */
export function mountIssuer(env: NodeJS.ProcessEnv, portOf: () => number): MountedIssuer | null {
  const { INNMESH_DATA_DIR: dataDir, INNMESH_ISSUER_URL: url, INNMESH_TRUST_PROXY: proxy } = env;
  if (!dataDir) return null;
  const origins = () => (url ? [url] : localOrigins(portOf()));
  const issuer = createIssuer({ dataDir, origins, trustProxy: proxy === '1', log: console.log });
  return {
    issuer,
    setupCode: issuer.firstSetupCode(),
    auth: {
      issuerKeys: () => issuer.publicKeys(),
      denyList: (tenantId) => (issuer.tenants().includes(tenantId) ? issuer.denyList(tenantId) : null),
    },
    get pagesUrl() {
      return `${origins()[0]}/enrolment/`;
    },
  };
}

/** The likeliest for phones first: it is what QR codes lead to. */
function localOrigins(port: number): string[] {
  return [...lanAddresses(), 'localhost', '127.0.0.1'].map((host) => `http://${host}:${port}`);
}
