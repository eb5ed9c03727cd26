import { describe, expect, it } from 'vitest';
import { type AllowedOrigins, refuseOrigin } from './origin.ts';

const isAllowed = (origin: string | undefined, host: string | undefined, allowed: AllowedOrigins) =>
  refuseOrigin(origin, host, allowed) === null;

describe('a page', () => {
  it.each<[string, string | undefined, string | undefined, AllowedOrigins, boolean]>([
    ["of the server's own origin is let in", 'https://hotel.example', 'hotel.example', [], true],
    ['also with a port', 'http://localhost:8080', 'localhost:8080', [], true],
    ['also where the case differs', 'https://hotel.example', 'Hotel.Example', [], true],
    ['of a listed origin is let in', 'https://staff.example', 'hotel.example', ['https://staff.example'], true],
    ['of any other is not', 'https://evil.example', 'hotel.example', ['https://staff.example'], false],
    ['of another port is not', 'https://hotel.example:8443', 'hotel.example', [], false],
    ['of another scheme than a listed one is not', 'http://staff.example', 'x', ['https://staff.example'], false],
    ['whose origin only begins like ours is not', 'https://hotel.example.evil.example', 'hotel.example', [], false],
    ['whose origin only ends like ours is not', 'https://evilhotel.example', 'hotel.example', [], false],
    ['without an origin of its own (null) is not', 'null', 'hotel.example', [], false],
    ['of no web origin is not', 'chrome-extension://hotel.example', 'hotel.example', [], false],
    ['with two origins is not', 'https://hotel.example, https://evil.example', 'hotel.example', [], false],
    ['is not where no host is named', 'https://hotel.example', undefined, [], false],
    ['of any origin is let in where any is allowed', 'https://evil.example', 'hotel.example', 'any', true],
    ['that is none, as it has no Origin header, is let in', undefined, 'hotel.example', [], true],
  ])('%s', (_, origin, host, allowed, expected) => expect(isAllowed(origin, host, allowed)).toBe(expected));
});
