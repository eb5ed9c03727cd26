import { P2PConnection } from '@innmesh/webrtc';
import { readOptions } from './options.ts';
import { report } from './report.ts';

/** Resolves with the exit code. Joins no room: nobody sees that it was here. */
export async function diagnose(args: string[], print: (text: string) => void): Promise<0 | 1> {
  const { servers, iceServers, isJson } = readOptions(args);
  const connection = new P2PConnection({
    signalingServers: servers,
    tenantId: 'diagnosis',
    deviceInfo: { type: 'staff', name: 'innmesh diagnose', capabilities: [] },
    ...(iceServers && { iceServers }),
  });
  const diagnosis = await connection.diagnose();
  print(isJson ? `${JSON.stringify(diagnosis, null, 2)}\n` : report(diagnosis));
  return diagnosis.verdict === 'failed' ? 1 : 0;
}
