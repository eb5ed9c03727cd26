import { InvalidMessageError } from './errors.ts';
import {
  applicationMessages,
  customMessage,
  type P2PMessageType,
  type ReceivedMessage,
} from './messages/application/index.ts';
import { read, type Schema } from './schema/index.ts';

/**
 * The message in its normal form.
 * @throws InvalidMessageError with the path of the first wrong field
 */
export function parseMessage(message: unknown): ReceivedMessage {
  return read(schemaFor(message), message, (path, problem) => new InvalidMessageError(path, `${problem}.`));
}

function schemaFor(message: unknown): Schema<ReceivedMessage, unknown> {
  if (typeof message !== 'object' || message === null) {
    throw new InvalidMessageError('', 'it must be an object with a "type".');
  }
  const type = (message as { type?: unknown }).type;
  if (typeof type === 'string') {
    if (type.startsWith('x-')) return customMessage;
    if (Object.hasOwn(applicationMessages, type)) return applicationMessages[type as P2PMessageType];
  }
  const known = Object.keys(applicationMessages).join(', ');
  throw new InvalidMessageError('type', `must be one of ${known}, or your own that begins with "x-".`);
}
