import { MalformedFrameError, MessageTooLargeError } from '../errors.ts';
import * as limits from '../limits.ts';
import type { ReceivedMessage } from '../messages/application/index.ts';
import { ByteReader, ByteWriter, decodeText } from './bytes.ts';

/*
 * A message is a byte that says whether it brings bytes, its JSON with the length before it, and behind it the one field that may be bytes:
 * the `data` of an application's own message, or the bytes of a print job. In the JSON that field is `null`.
 */

const WITH_BYTES = 1;

type Container = Record<string, unknown>;

/** Throws `MessageTooLargeError`. */
export function encodeMessage(message: ReceivedMessage): Uint8Array<ArrayBuffer> {
  const [bytes, withoutBytes] = detachBytes(message);
  const json = JSON.stringify(withoutBytes);
  const writer = new ByteWriter(json.length + (bytes?.length ?? 0) + 8);
  writer.byte(bytes ? WITH_BYTES : 0);
  const sizeBytes = writer.text(json) + (bytes?.length ?? 0);
  if (sizeBytes > limits.messageBytes) throw new MessageTooLargeError(sizeBytes, limits.messageBytes);
  if (bytes) writer.bytes(bytes);
  return writer.finish();
}

/** The message as it was sent, not yet held against its schema. Throws `MalformedFrameError`. */
export function decodeMessage(body: Uint8Array<ArrayBuffer>): unknown {
  const reader = new ByteReader(body);
  const flags = reader.byte();
  if (flags !== 0 && flags !== WITH_BYTES) throw new MalformedFrameError(`No message begins with ${flags}.`);
  const message = parseJson(decodeText(reader.bytes(reader.varint())));
  if (flags === WITH_BYTES) attachBytes(message, reader.rest());
  reader.expectEnd();
  return message;
}

function detachBytes(message: ReceivedMessage): [Uint8Array | null, unknown] {
  if ('data' in message && message.data instanceof Uint8Array) return [message.data, { ...message, data: null }];
  if (message.type === 'print' && 'printJob' in message && message.printJob.content?.kind === 'bytes') {
    const { printJob } = message;
    const { bytes } = message.printJob.content;
    return [bytes, { ...message, printJob: { ...printJob, content: { ...printJob.content, bytes: null } } }];
  }
  return [null, message];
}

function attachBytes(message: unknown, bytes: Uint8Array): void {
  const root = message as Container | null;
  const content = (root?.printJob as Container | undefined)?.content as Container | undefined;
  if (root?.data === null) root.data = bytes;
  else if (content?.bytes === null) content.bytes = bytes;
  else throw new MalformedFrameError('A message brings bytes and has no field for them.');
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new MalformedFrameError('A message is not JSON.');
  }
}
