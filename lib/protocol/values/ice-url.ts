import * as s from '../schema/index.ts';

/** RFC 7064 §3.1 and RFC 7065 §3.1: a host, which may be an IPv6 address in brackets, and a port up to 65535. */
const AUTHORITY =
  String.raw`(?:\[[\da-f:.]+\]|[\w.-]+)` +
  String.raw`(?::(?:[1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?`;
const STUN = `stuns?:${AUTHORITY}`;
const TURN = String.raw`turns?:${AUTHORITY}(?:\?transport=(?:udp|tcp))?`;

function urlLike(grammar: string, kind: string, example: string): s.Schema<string> {
  const pattern = new RegExp(`^(?:${grammar})$`, 'i');
  const schema = s.transform(s.text({ max: 256 }), (url) => {
    if (pattern.test(url)) return url;
    throw new s.Misfit(url, `must be ${kind} URL such as "${example}", not ${s.describeValue(url)}`);
  });
  return { ...schema, parts: { grammar } };
}

/** Of what a connection is given to find its way: `stun:stun.example.com:3478`. */
export const iceUrlSchema = urlLike(`${STUN}|${TURN}`, 'an ICE', 'stun:stun.example.com:3478');

/** Of a relay: `turns:turn.example.com:443?transport=tcp`. */
export const turnUrlSchema = urlLike(TURN, 'a TURN', 'turn:turn.example.com:3478');
