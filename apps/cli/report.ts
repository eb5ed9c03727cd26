import { stripVTControlCharacters, styleText } from 'node:util';
import type { CheckResult, Diagnosis, Verdict } from '@innmesh/webrtc';

const WIDTH = 80;
const INDENT = '    ';
const MARKS: Record<Verdict, { mark: string; style: Parameters<typeof styleText>[0] }> = {
  ok: { mark: '✓', style: 'green' },
  warning: { mark: '!', style: 'yellow' },
  failed: { mark: '✗', style: 'red' },
  skipped: { mark: '–', style: 'dim' },
};

/** For a terminal. */
export function report({ verdict, summary, checks }: Diagnosis): string {
  const headline = wrap(summary, '').map((line) => styleText(['bold', MARKS[verdict].style].flat() as ['bold'], line));
  return `${[headline.join('\n'), ...checks.map(describe)].join('\n\n')}\n`;
}

function describe({ title, verdict, words, advice }: CheckResult): string {
  const { mark, style } = MARKS[verdict];
  const lines = [styleText(style, `  ${mark} ${title}`), ...wrap(words, INDENT)];
  if (advice) lines.push(...wrap(`→ ${advice}`, INDENT).map((line) => styleText('bold', line)));
  return lines.join('\n');
}

function wrap(text: string, indent: string): string[] {
  const lines = [''];
  for (const word of stripVTControlCharacters(text).split(' ')) {
    const line = lines.at(-1) ?? '';
    if (line !== '' && indent.length + line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => indent + line);
}
