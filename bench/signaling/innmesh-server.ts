import { createSignalingServer } from '@innmesh/webrtc/signaling-server';
import { LOOPBACK, type SignalingServer } from './server.ts';

/** In development mode: it gives each device the credential that the devices then check each other by. */
export function startInnmeshServer(address = LOOPBACK): Promise<SignalingServer> {
  // Vite sets it for the process that builds the pages; in production the server would want an issuer.
  delete process.env.NODE_ENV;
  return createSignalingServer(address);
}
