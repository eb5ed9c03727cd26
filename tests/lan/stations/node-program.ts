import { InnmeshProgram } from './innmesh-program.ts';
import type { Request } from './process-station.ts';
import type { Program, StationSettings } from './program.ts';

/* A station in a Node process: `node node-program.ts '{settings}'`, asked over the channel of its parent. */

const program: Program = new InnmeshProgram(JSON.parse(process.argv[2] ?? '') as StationSettings);

process.on('message', (request: Request) => process.send?.(answer(request) ?? null));
process.on('disconnect', () => process.exit());
await program.start();
process.send?.('started');

function answer(request: Request): unknown {
  switch (request.call) {
    case 'write':
      return program.write(request.everyMs);
    case 'stopWriting':
      return program.stopWriting();
    case 'linesFrom':
      return program.linesFrom(request.index);
    case 'trace':
      return [];
    case 'path':
      return undefined;
  }
}
