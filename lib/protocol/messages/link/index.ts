import type { InferOutput } from '../../schema/index.ts';
import { bye } from './bye.ts';
import { cursor } from './cursor.ts';
import { entry } from './entry.ts';
import { hello } from './hello.ts';
import { ping } from './ping.ts';
import { pong } from './pong.ts';

/** What two devices say on the data channels between them. */
export const linkMessages = { hello, entry, cursor, ping, pong, bye };

export type LinkMessage = InferOutput<(typeof linkMessages)[keyof typeof linkMessages]['schema']>;
