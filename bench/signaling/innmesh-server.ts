import { createSignalingServer } from '@innmesh/webrtc/signaling-server';
import type { SignalingServer } from './server.ts';

export function startInnmeshServer(): Promise<SignalingServer> {
  return createSignalingServer({ port: 0, host: '127.0.0.1' });
}
