import type { MessageOf } from '../../wire/record-codec.ts';
import { authenticate } from './authenticate.ts';
import { bye } from './bye.ts';
import { cursor } from './cursor.ts';
import { deny } from './deny.ts';
import { entry } from './entry.ts';
import { hello } from './hello.ts';
import { ping } from './ping.ts';
import { pong } from './pong.ts';
import { renew } from './renew.ts';

/** What two devices say on the data channels between them. */
export const linkMessages = { authenticate, hello, entry, cursor, ping, pong, bye, renew, deny };

export type LinkMessage = MessageOf<typeof linkMessages>;
