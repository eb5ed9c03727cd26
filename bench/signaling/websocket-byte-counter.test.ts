import { describe, expect, it } from 'vitest';
import { WebSocketByteCounter } from './websocket-byte-counter.ts';

const head = Buffer.from('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n');

const opcodes = { text: 1, binary: 2, ping: 9 };

function frame(opcode: number, payloadBytes: number, isMasked = false): Buffer {
  const length = payloadBytes < 126 ? [payloadBytes] : lengthOf(payloadBytes);
  const mask = isMasked ? [1, 2, 3, 4] : [];
  length[0] = (length[0] ?? 0) | (isMasked ? 0x80 : 0);
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length, ...mask]), Buffer.alloc(payloadBytes, 0x0d)]);
}

function lengthOf(payloadBytes: number): number[] {
  const bytes = Buffer.alloc(payloadBytes < 65_536 ? 2 : 8);
  bytes.writeUIntBE(payloadBytes, Math.max(0, bytes.length - 6), Math.min(6, bytes.length));
  return [payloadBytes < 65_536 ? 126 : 127, ...bytes];
}

function count(chunks: Uint8Array[]) {
  const counter = new WebSocketByteCounter();
  for (const chunk of chunks) counter.push(chunk);
  return counter.counted;
}

describe('WebSocketByteCounter', () => {
  it('counts nothing of the upgrade', () => {
    expect(count([head])).toEqual({ dataBytes: 0, dataFrames: 0, controlBytes: 0, controlFrames: 0 });
  });

  it('counts headers and payloads, of each length form, masked or not', () => {
    const frames = [frame(opcodes.text, 5), frame(opcodes.text, 5, true), frame(opcodes.binary, 300, true)];
    const large = frame(opcodes.binary, 70_000);
    expect(count([head, ...frames, large])).toMatchObject({
      dataBytes: 2 + 5 + (6 + 5) + (8 + 300) + (10 + 70_000),
      dataFrames: 4,
    });
  });

  it('keeps pings and pongs apart', () => {
    const counted = count([head, frame(opcodes.ping, 4), frame(opcodes.text, 1), frame(opcodes.ping, 0, true)]);
    expect(counted).toEqual({ dataBytes: 3, dataFrames: 1, controlBytes: 6 + 6, controlFrames: 2 });
  });

  it('gives the same count however TCP cuts the stream', () => {
    const whole = Buffer.concat([head, frame(opcodes.text, 200, true), frame(opcodes.ping, 3), frame(opcodes.text, 0)]);
    const bytes = [...whole].map((byte) => Uint8Array.of(byte));
    expect(count(bytes)).toEqual(count([whole]));
    expect(count([whole.subarray(0, 57), whole.subarray(57, 60), whole.subarray(60)])).toEqual(count([whole]));
  });
});
