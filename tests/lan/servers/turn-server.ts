import type { ChildProcess } from 'node:child_process';
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

  /** It ends with the network. */
  static async start(host: Host): Promise<TurnServer> {
    if (!(await needProgram('turnserver', 'coturn'))) throw new Error('There is no "turnserver". Install "coturn".');
    const options = {
      'listening-ip': host.address,
      'relay-ip': host.address,
      'listening-port': PORT,
      realm: 'hotel',
      user: `${USERNAME}:${PASSWORD}`,
      'log-file': 'stdout',
      pidfile: '/dev/null',
    };
    const flags = ['-n', '--lt-cred-mech', '--no-tls', '--no-dtls', '--no-cli', '--simple-log'];
    const args = [...flags, ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)];
    const child = host.namespace.spawn('turnserver', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await listening(child);
    return new TurnServer(host);
  }
}

/** Goes on reading, as it would wait for whoever reads no more. */
function listening(coturn: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let printed = '';
    coturn.stdout?.on('data', (data) => {
      printed += data;
      if (printed.includes('listener opened on')) resolve();
    });
    coturn.once('exit', (code) => reject(new Error(`Coturn ended with ${code}:\n${printed}`)));
  });
}
