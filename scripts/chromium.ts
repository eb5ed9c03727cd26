import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import { type Browser, type BrowserContext, chromium } from 'playwright-core';
import { aptInstall, firstLine } from './apt.ts';
import { isExecutable, onPath } from './executables.ts';

const run = promisify(execFile);
const unbrotli = promisify(brotliDecompress);

export interface FoundChromium {
  executablePath: string;
  /** Arguments this build needs besides those every launch gets. */
  args: string[];
  /** Where it came from, for people: "system (/usr/bin/chromium)". */
  source: string;
  /** Variables this build needs on top of the process's own. */
  env: Record<string, string>;
}

export interface FindChromiumOptions {
  log?: (line: string) => void;
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

export class ChromiumNotFoundError extends Error {
  readonly code = 'chromium-not-found';
}

type Search = Required<FindChromiumOptions>;

/**
 * Finds a Chromium, in this order: the path in `INNMESH_CHROMIUM` or `CHROME_PATH`; the system's; Debian's package,
 * installed where this user may; the build inside the npm package `@sparticuz/chromium`.
 * `INNMESH_CHROMIUM=sparticuz` asks for the last one.
 */
export async function findChromium({ log = () => {}, env = process.env }: FindChromiumOptions = {}) {
  const search: Search = { log, env };
  if (env.INNMESH_CHROMIUM === 'sparticuz') return fromNpm(search);
  return (await fromVariable(search)) ?? (await fromSystem(search)) ?? (await fromApt(search)) ?? fromNpm(search);
}

async function fromVariable({ env }: Search): Promise<FoundChromium | undefined> {
  const name = ['INNMESH_CHROMIUM', 'CHROME_PATH'].find((variable) => env[variable]);
  if (!name) return undefined;
  const executablePath = env[name] ?? '';
  if (await isExecutable(executablePath)) return found(executablePath, `${name} (${executablePath})`);
  throw new ChromiumNotFoundError(
    `${name} is "${executablePath}", but there is no executable file. Correct the path, or unset ${name} to search.`,
  );
}

async function fromSystem(search: Search): Promise<FoundChromium | undefined> {
  for (const path of systemPaths(search.env)) {
    if ((await isExecutable(path)) && (await starts(path, search))) return found(path, `system (${path})`);
  }
  return undefined;
}

function systemPaths(env: NodeJS.ProcessEnv): string[] {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  if (process.platform === 'darwin') {
    const apps = ['Google Chrome', 'Chromium'];
    return apps.map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`).concat(onPath(names, env));
  }
  if (process.platform === 'win32') {
    const folders = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA];
    return folders
      .filter((folder) => folder !== undefined)
      .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'));
  }
  return onPath(names, env);
}

/** Ubuntu's `chromium-browser` without its snap exists and does not run. Windows opens a window for `--version`. */
async function starts(path: string, { log }: Search): Promise<boolean> {
  if (process.platform === 'win32') return true;
  try {
    await run(path, ['--version'], { timeout: 30_000 });
    return true;
  } catch (error) {
    log(`chromium: ${path} does not start (${firstLine(error)})`);
    return false;
  }
}

async function fromApt(search: Search): Promise<FoundChromium | undefined> {
  if (!(await aptInstall(['chromium'], search))) return undefined;
  const installed = await fromSystem(search);
  return installed && { ...installed, source: `apt (${installed.executablePath})` };
}

async function fromNpm({ log }: Search): Promise<FoundChromium> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new ChromiumNotFoundError(
      `No Chromium on this system, and @sparticuz/chromium has none for ${process.platform}-${process.arch}. ` +
        'Install Chromium or Chrome, or set INNMESH_CHROMIUM to its path.',
    );
  }
  const folder = await unpackedNpmChromium(log);
  const executablePath = join(folder, 'chromium');
  const libraries = (await lacksLibraries(executablePath)) ? join(folder, 'al2023', 'lib') : undefined;
  if (libraries) log('chromium: NSS is not on this system; using the libraries of @sparticuz/chromium');
  const env = { FONTCONFIG_PATH: join(folder, 'fonts'), ...(libraries && { LD_LIBRARY_PATH: libraries }) };
  // Its own arguments are for Amazon Lambda: --single-process would put two devices into one process and
  // --disable-web-security loosens the page's origin. Elsewhere it runs, with WebRTC, on the common ones.
  return { executablePath, args: [], source: `npm @sparticuz/chromium (${executablePath})`, env };
}

/**
 * Its `executablePath()` unpacks into the temporary folder and takes whatever bears the name there, half-written files
 * of another process included. So it unpacks in a child with a folder of its own, which then gets its name at once.
 */
async function unpackedNpmChromium(log: (line: string) => void): Promise<string> {
  const packages = join(import.meta.dirname, '..', 'node_modules');
  const source = join(packages, '@sparticuz', 'chromium');
  const { version } = JSON.parse(await readFile(join(source, 'package.json'), 'utf8')) as { version: string };
  const cache = join(packages, '.cache', 'innmesh');
  const folder = join(cache, `chromium-${version}`);
  if (await isExecutable(join(folder, 'chromium'))) return folder;

  log(`chromium: unpacking @sparticuz/chromium ${version} into ${folder}`);
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'unpacking-'));
  const script = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
  await run(process.execPath, ['-e', script], { cwd: import.meta.dirname, env: { ...process.env, TMPDIR: draft } });
  await unpackLibraries(join(source, 'bin', 'al2023.tar.br'), join(draft, 'al2023'));
  await rename(draft, folder).catch(() => rm(draft, { recursive: true }));
  return folder;
}

async function unpackLibraries(archive: string, folder: string): Promise<void> {
  await mkdir(folder);
  const tar = join(folder, 'al2023.tar');
  await writeFile(tar, await unbrotli(await readFile(archive)));
  await run('tar', ['-xf', tar, '-C', folder]);
  await rm(tar);
}

async function lacksLibraries(executablePath: string): Promise<boolean> {
  return run('ldd', [executablePath]).then(
    ({ stdout }) => stdout.includes('not found'),
    () => true,
  );
}

function found(executablePath: string, source: string): FoundChromium {
  return { executablePath, args: [], source, env: {} };
}

const COMMON_ARGS = [
  '--no-sandbox', // root and most containers have no user namespaces for the sandbox
  '--disable-gpu',
  // No traffic and no work but the pages' own: measurements share the CPU and tests count packets.
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

// Chromium heeds the last --disable-features only, so Playwright's own would be lost; these are those of its list that
// change how pages behave or send requests of their own.
const DISABLED_FEATURES = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  // Each new window loads pages for the address bar's suggestions, which take a CPU for half a second.
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
];

export interface LaunchChromiumOptions extends FindChromiumOptions {
  /** Result of an earlier `findChromium()`; without it the search runs once a process. */
  chromium?: FoundChromium;
  args?: string[];
  /** Besides those that every launch gets. A `--disable-features` in `args` would undo those. */
  disabledFeatures?: string[];
  /** Default: true. */
  headless?: boolean;
  /** Whether a page that is left may be kept to be gone back to, as people's browsers do. Default: false. */
  backForwardCache?: boolean;
}

let search: Promise<FoundChromium> | undefined;

/** A new browser with a new profile, which is removed when the browser closes. */
export async function launchChromium(options: LaunchChromiumOptions = {}): Promise<Browser> {
  return chromium.launch(await playwrightOptions(options));
}

/** A new browser with the profile in a folder, which stays. */
export async function openChromiumProfile(path: string, options: LaunchChromiumOptions = {}): Promise<BrowserContext> {
  return chromium.launchPersistentContext(path, await playwrightOptions(options));
}

async function playwrightOptions(options: LaunchChromiumOptions) {
  search = options.chromium ? search : (search ?? findChromium(options));
  const { executablePath, args, env } = options.chromium ?? (await (search as Promise<FoundChromium>));
  const disabledFeatures = [...DISABLED_FEATURES, ...(options.disabledFeatures ?? [])];
  return {
    executablePath,
    headless: options.headless ?? true,
    ...(options.backForwardCache && { ignoreDefaultArgs: ['--disable-back-forward-cache'] }),
    args: [...COMMON_ARGS, `--disable-features=${disabledFeatures.join(',')}`, ...args, ...(options.args ?? [])],
    env: { ...process.env, ...env } as Record<string, string>,
  };
}
