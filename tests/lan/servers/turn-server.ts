import { join } from 'node:path';
import { eventually } from '../eventually.ts';
import type { Host } from '../network/host.ts';
import { needProgram } from '../network/requirements.ts';

const [USERNAME, PASSWORD] = ['hotel', 'lan'];
const PORT = 3478;

/** Coturn on a host, with one user whose password stays the same. It answers STUN, too. */
export class TurnServer {
  readonly iceServers: RTCIceServer[];

  private constructor({ address }: Host) {
    this.iceServers = [
      { urls: `stun:${address}:${PORT}` },
      { urls: `turn:${address}:${PORT}`, username: USERNAME, credential: PASSWORD },
    ];
  }

  /** It ends with the network. `folder`: for its database. */
  static async start(host: Host, folder: string): Promise<TurnServer> {
    if (!(await needProgram('turnserver', 'coturn'))) throw new Error('There is no "turnserver". Install "coturn".');
    const options = {
      'listening-ip': host.address,
      'relay-ip': host.address,
      'listening-port': PORT,
      realm: 'hotel',
      user: `${USERNAME}:${PASSWORD}`,
      userdb: join(folder, 'turndb'),
      'log-file': '/dev/null',
      pidfile: '/dev/null',
    };
    const flags = ['-n', '--lt-cred-mech', '--no-tls', '--no-dtls', '--no-cli'];
    const args = [...flags, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)];
    host.namespace.spawn('turnserver', args, { stdio: 'ignore' });
    if (!(await eventually(() => isListening(host)))) throw new Error('Coturn does not listen.');
    return new TurnServer(host);
  }
}

async function isListening({ namespace }: Host): Promise<boolean> {
  return (await namespace.run('ss', '-lunH', 'sport', '=', `:${PORT}`)) !== '';
}
