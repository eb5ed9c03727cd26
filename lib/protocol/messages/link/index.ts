import type { MessageOf } from '../../wire/record-codec.ts';
import { authenticate } from './authenticate.ts';
import { bye } from './bye.ts';
import { cursor } from './cursor.ts';
import { deny } from './deny.ts';
import { enough } from './enough.ts';
import { entry } from './entry.ts';
import { hello } from './hello.ts';
import { origin } from './origin.ts';
import { ping } from './ping.ts';
import { pong } from './pong.ts';
import { renew } from './renew.ts';
import { seal } from './seal.ts';
import { sealed } from './sealed.ts';
import { signal } from './signal.ts';
import { stream } from './stream.ts';
import { want } from './want.ts';

/** Who is there, and whether the link still is. */
const conversation = { authenticate, ping, pong, bye, renew, deny, signal };
/** What brings journals up to date. */
const replication = { hello, stream, origin, entry, seal, sealed, cursor, want, enough };

/** What two devices say on the data channels between them. */
export const linkMessages = { ...conversation, ...replication };

export type LinkMessage = MessageOf<typeof linkMessages>;
export type ReplicationMessage = MessageOf<typeof replication>;
