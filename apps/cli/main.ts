#!/usr/bin/env node
import { ConfigurationError } from '@innmesh/webrtc';
import { diagnose } from './diagnose.ts';
import { UsageError } from './options.ts';

const HELP = `Usage: innmesh diagnose [options]

Finds out why devices do not reach the signaling server, or each other.

  --server <url>      signaling server, ws: or wss:; may be given several times
                      (default: ws://localhost:8080)
  --stun <url>        STUN server, such as stun:stun.example.com:3478 (default: a
                      public one, where no --turn is given)
  --turn <url>        TURN server, such as turn:turn.example.com:3478, with
  --username <name>   the user name
  --credential <word> and the password for it
  --json              prints the result as JSON
  --help              prints this

Exit code: 0 all is well, or only warnings; 1 something failed; 2 wrong usage.
`;

async function main([command, ...args]: string[]): Promise<number> {
  if (command === undefined || command === '--help' || command === '-h' || args.includes('--help')) {
    process.stdout.write(HELP);
    return command === undefined ? 2 : 0;
  }
  if (command !== 'diagnose') throw new UsageError(`There is no command "${command}".`);
  return diagnose(args, (text) => process.stdout.write(text));
}

main(process.argv.slice(2)).then(
  // At once: a socket that nobody answers would keep the program waiting.
  (code) => process.exit(code),
  (error) => {
    const isUsage = error instanceof UsageError || error instanceof ConfigurationError;
    console.error(isUsage ? `${error.message}\nSee: innmesh --help` : error);
    process.exit(isUsage ? 2 : 1);
  },
);
