import type { LogEntry } from './log-entry.ts';

/**
 * How a program writes the log: a line for people, and in production (`NODE_ENV`) a JSON object a line, under the names
 * that log collectors know from pino and bunyan.
 */
export function programLog(
  write: (line: string) => void,
  isProduction = process.env.NODE_ENV === 'production',
): (line: string, entry: LogEntry) => void {
  if (!isProduction) return (line) => write(line);
  return (_, { event, ...fields }) =>
    write(JSON.stringify({ level: 'warn', time: new Date().toISOString(), msg: event, ...fields }));
}
