import { chooseContestants } from '../../../bench/contestants/index.ts';

/* A contestant's signaling server: `node signaling-program.ts ADDRESS PORT CONTESTANT`. */

const [host = '', port = '', name = ''] = process.argv.slice(2);
const [contestant] = chooseContestants([name]);
const server = await contestant?.startSignaling({ host, port: Number(port) });
process.on('disconnect', () => process.exit());
process.send?.(server?.port);
