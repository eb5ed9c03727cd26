import { createSocket, type RemoteInfo } from 'node:dgram';

/** Message types and attributes of RFC 8489 and RFC 8656. */
const BINDING_REQUEST = 0x0001;
const BINDING_SUCCESS = 0x0101;
const ALLOCATE_REQUEST = 0x0003;
const ALLOCATE_ERROR = 0x0113;
const ERROR_CODE = 0x0009;
const REALM = 0x0014;
const NONCE = 0x0015;
const XOR_MAPPED_ADDRESS = 0x0020;
const MAGIC_COOKIE = 0x2112a442;

/** One on this machine that knows everybody's address and nobody's password; a silent one answers nothing. */
export async function startStunServer({ silent = false } = {}) {
  const socket = createSocket('udp4');
  socket.on('message', (request, sender) => {
    const answer = silent ? null : answerTo(request, sender);
    if (answer) socket.send(answer, sender.port, sender.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { host: `127.0.0.1:${socket.address().port}`, close: () => void socket.close() };
}

function answerTo(request: Buffer, sender: RemoteInfo): Buffer | null {
  const type = request.readUInt16BE(0);
  if (type === BINDING_REQUEST) return message(BINDING_SUCCESS, request, [[XOR_MAPPED_ADDRESS, xorAddress(sender)]]);
  if (type !== ALLOCATE_REQUEST) return null;
  const unauthorized = Buffer.concat([Buffer.from([0, 0, 4, 1]), Buffer.from('Unauthorized')]);
  return message(ALLOCATE_ERROR, request, [
    [ERROR_CODE, unauthorized],
    [REALM, Buffer.from('hotel')],
    [NONCE, Buffer.from('once')],
  ]);
}

function message(type: number, request: Buffer, attributes: [type: number, value: Buffer][]): Buffer {
  const body = Buffer.concat(attributes.map(([attribute, value]) => encode(attribute, value)));
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(body.length, 2);
  return Buffer.concat([head, request.subarray(4, 20), body]);
}

function encode(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc((4 - (value.length % 4)) % 4)]);
}

function xorAddress({ address, port }: RemoteInfo): Buffer {
  const value = Buffer.alloc(8);
  value[1] = 1;
  value.writeUInt16BE(port ^ (MAGIC_COOKIE >>> 16), 2);
  const octets = Buffer.from(address.split('.').map(Number));
  value.writeUInt32BE((octets.readUInt32BE(0) ^ MAGIC_COOKIE) >>> 0, 4);
  return value;
}
