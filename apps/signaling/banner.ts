import qrcode from 'qrcode-generator';

export interface BannerFacts {
  port: number;
  /** Of this machine on its networks, likeliest first. */
  lanAddresses: readonly string[];
  /** Where devices are enrolled; `null` in development mode. */
  enrolment?: EnrolmentFacts | null;
  /** Whether the signaling server lets in only who has a credential. Default: false. */
  checksDevices?: boolean;
}

export interface EnrolmentFacts {
  /** Ends with `/`. */
  pagesUrl: string;
  /** While no property is set up. */
  setupCode: string | null;
}

/** What the terminal shows when the server runs: where to go from this machine, and from a phone. */
export function banner({ port, lanAddresses, enrolment = null, checksDevices = false }: BannerFacts): string {
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
  lines.push('', ...(enrolment ? enrolmentLines(enrolment) : []));
  if (!checksDevices) {
    lines.push('  DEVELOPMENT MODE: any device that reaches this port may join any property. Not for real guests.');
  }
  lines.push('  Ctrl-C stops it.', '');
  return lines.join('\n');
}

function enrolmentLines({ pagesUrl, setupCode }: EnrolmentFacts): string[] {
  const lines = [
    `  Devices ask to join  ${pagesUrl}`,
    `  Managers let them in ${pagesUrl}manage/`,
    '',
    indent(qrCode(pagesUrl)),
    '',
  ];
  if (!setupCode) return lines;
  return [
    ...lines,
    `  SETUP CODE           ${setupCode}`,
    '  No property is set up yet. Whoever enters this code where devices ask to join names the property and is',
    '  its first manager. It is good once, for a day; the next start prints another.',
    '',
  ];
}

function qrCode(text: string): string {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  return code.createASCII(1, 2);
}

const indent = (block: string) => block.replace(/^/gm, '  ');
