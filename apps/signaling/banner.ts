import qrcode from 'qrcode-generator';

export interface BannerFacts {
  port: number;
  /** Of this machine on its networks, likeliest first. */
  lanAddresses: readonly string[];
}

/** What the terminal shows when the server runs: where to go from this machine, and from a phone. */
export function banner({ port, lanAddresses }: BannerFacts): string {
  const [address, ...others] = lanAddresses;
  const lines = ['', '  Innmesh runs.', '', `  On this machine    http://localhost:${port}/`];
  if (address) {
    lines.push(
      `  On phones nearby   http://${address}:${port}/`,
      ...others.map((other) => `                     http://${other}:${port}/`),
    );
    lines.push('', indent(qrCode(`http://${address}:${port}/`)));
  } else {
    lines.push('  On phones nearby   not reachable: this server listens on no local network.');
  }
  lines.push(
    '',
    '  DEVELOPMENT MODE: any device that reaches this port may join any property. Not for real guests.',
    '  Ctrl-C stops it.',
    '',
  );
  return lines.join('\n');
}

function qrCode(text: string): string {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  return code.createASCII(1, 2);
}

const indent = (block: string) => block.replace(/^/gm, '  ');
