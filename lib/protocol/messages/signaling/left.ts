import { message } from '../../wire/record-codec.ts';
import { slotLayout } from './roster-entry.ts';

/** Server → everyone else in the room: that device's socket is gone. Its links may still stand. */
export const left = message(4, { slot: slotLayout });
