import { parseArgs } from 'node:util';

export interface SoakOptions {
  /** How long devices write and are in trouble. */
  seconds: number;
  /** Of the troubles and of what is written; their exact moments are the machine's. */
  seed: number;
  nodes: number;
  pages: number;
  /** Kinds of trouble; empty: all. */
  troubles: string[];
}

export const usage = `npm run soak -- [options]
  --seconds N     how long devices write and are in trouble (default 120)
  --seed N        repeats the troubles of another run (default: a new one)
  --nodes N       devices in Node processes (default 3)
  --pages N       devices in Chromium, each a browser with a profile of its own (default 2)
  --troubles a,b  these kinds only: kill (Node), crash, reload, close (pages),
                  stop, reconnect, outage (signaling)`;

export function parseOptions(args: string[]): SoakOptions {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { seconds: text, seed: text, nodes: text, pages: text, troubles: text },
  });
  const numberOf = (name: 'seconds' | 'seed' | 'nodes' | 'pages', otherwise: number) => {
    const number = Number(values[name] ?? otherwise);
    if (!Number.isInteger(number) || number < 0) throw new Error(`--${name} wants a whole number of at least 0`);
    return number;
  };
  const options = {
    seconds: numberOf('seconds', 120),
    seed: numberOf('seed', Math.floor(Math.random() * 2 ** 32)),
    nodes: numberOf('nodes', 3),
    pages: numberOf('pages', 2),
    troubles: values.troubles?.split(',').filter(Boolean) ?? [],
  };
  if (options.nodes + options.pages < 2) throw new Error('There must be at least two devices: --nodes, --pages');
  return options;
}

export function repeatCommand({ seconds, seed, nodes, pages, troubles }: SoakOptions): string {
  const command = `npm run soak -- --seconds ${seconds} --seed ${seed} --nodes ${nodes} --pages ${pages}`;
  return troubles.length > 0 ? `${command} --troubles ${troubles.join()}` : command;
}
