import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** The floors of the house, from the ground up. A file may import from its own folder and from those listed. */
const floors: Record<string, readonly string[]> = {
  'lib/kit': [],
  'lib/protocol': ['lib/kit'],
  'lib/webrtc/client': ['lib/kit', 'lib/protocol'],
  'lib/webrtc/server': ['lib/kit', 'lib/protocol'],
  'lib/webrtc/p2p-connection.ts': ['lib/kit', 'lib/protocol', 'lib/webrtc/client'],
  'lib/webrtc/signaling-server.ts': ['lib/kit', 'lib/protocol', 'lib/webrtc/server'],
  'lib/webrtc/enrolment.ts': ['lib/kit', 'lib/protocol', 'lib/webrtc/client'],
  'lib/webrtc/diagnose.ts': ['lib/webrtc/client'],
  'lib/webrtc/issuer-server.ts': ['lib/kit', 'lib/protocol', 'lib/webrtc/server'],
  'apps/enrolment': ['lib/kit', 'lib/protocol', 'lib/webrtc/enrolment.ts', 'examples/shared/ui'],
  apps: [
    'lib/kit',
    'lib/protocol',
    'lib/webrtc/p2p-connection.ts',
    'lib/webrtc/signaling-server.ts',
    'lib/webrtc/issuer-server.ts',
    'examples/vite.config.ts',
  ],
  'examples/shared/ui': [
    'lib/kit',
    'lib/protocol',
    'lib/webrtc/p2p-connection.ts',
    'lib/webrtc/enrolment.ts',
    'lib/webrtc/diagnose.ts',
    'examples',
  ],
  examples: [
    'lib/kit',
    'lib/protocol',
    'lib/webrtc/p2p-connection.ts',
    'lib/webrtc/enrolment.ts',
    'lib/webrtc/signaling-server.ts',
    'examples/shared/ui',
  ],
};

/** Where the packages' names lead. */
const packages: Record<string, string> = {
  '@innmesh/kit': 'lib/kit/index.ts',
  '@innmesh/protocol': 'lib/protocol/index.ts',
  '@innmesh/protocol/schema': 'lib/protocol/schema/index.ts',
  '@innmesh/webrtc': 'lib/webrtc/p2p-connection.ts',
  '@innmesh/webrtc/p2p-connection': 'lib/webrtc/p2p-connection.ts',
  '@innmesh/webrtc/signaling-server': 'lib/webrtc/signaling-server.ts',
  '@innmesh/webrtc/issuer-server': 'lib/webrtc/issuer-server.ts',
  '@innmesh/webrtc/enrolment': 'lib/webrtc/enrolment.ts',
  '@innmesh/webrtc/diagnose': 'lib/webrtc/diagnose.ts',
  '#device': 'lib/webrtc/client/identity/device.browser.ts',
  '#credential-store': 'lib/webrtc/client/enrolment/credential-store.browser.ts',
  '#network-changes': 'lib/webrtc/client/network-changes.browser.ts',
  '#peer-connection': 'lib/webrtc/client/link/peer-connection.browser.ts',
};

const sources = globSync('{lib,apps,examples}/**/*.{ts,tsx}', { cwd: root }).filter(
  (file) => !/node_modules|\/dist\/|\.test\.tsx?$|\.d\.ts$/.test(file),
);

function floorOf(file: string): string | undefined {
  return Object.keys(floors).find((floor) => file === floor || file.startsWith(`${floor}/`));
}

/** The files of this repository that a file imports; packages from npm are left out. */
function importsOf(file: string): string[] {
  const code = readFileSync(join(root, file), 'utf8');
  const specifiers = [...code.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier = '']) => specifier);
  return specifiers.flatMap((specifier) => {
    if (specifier.startsWith('.')) return [relative(root, join(root, dirname(file), specifier))];
    if (specifier.startsWith('@innmesh/') || specifier.startsWith('#')) return [packages[specifier] ?? specifier];
    return [];
  });
}

function violations(file: string, imports: string[]): string[] {
  const floor = floorOf(file) ?? '';
  const allowed = [floor, ...(floors[floor] ?? [])];
  return imports
    .filter((target) => !allowed.includes(floorOf(target) ?? target))
    .map((target) => `${file} → ${target}`);
}

describe('the house', () => {
  it('has every source file on a floor', () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(sources.filter((file) => floorOf(file) === undefined)).toEqual([]);
  });

  it('imports downwards only, and enters webrtc by its doors', () => {
    expect(sources.flatMap((file) => violations(file, importsOf(file)))).toEqual([]);
  });

  it('notices each kind of import that is not allowed', () => {
    expect(violations('lib/kit/clock.ts', ['lib/protocol/index.ts'])).toHaveLength(1);
    expect(violations('lib/webrtc/client/session.ts', ['lib/webrtc/server/room.ts'])).toHaveLength(1);
    expect(violations('lib/webrtc/server/room.ts', ['lib/webrtc/client/session.ts'])).toHaveLength(1);
    expect(violations('lib/webrtc/client/session.ts', ['lib/webrtc/p2p-connection.ts'])).toHaveLength(1);
    expect(violations('examples/printer-p2p/pos-app.ts', ['lib/webrtc/client/errors.ts'])).toHaveLength(1);
  });

  it('keeps what only Node has out of what browsers run', () => {
    const browserCode = sources.filter(
      (file) => /^lib\/(kit|protocol|webrtc\/client)\//.test(file) && !file.endsWith('.node.ts'),
    );
    const nodeImports = browserCode.filter((file) =>
      /from '(node:|ws'|node-datachannel)/.test(readFileSync(join(root, file), 'utf8')),
    );
    expect(nodeImports).toEqual([]);
  });
});
